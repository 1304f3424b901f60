import { describe, expect, it } from 'vitest';
import { fixesOf, type Edit } from './checked.js';

const SVM_RUN = /^static int svm_vcpu_run\(/;
const SYNC = /^int sev_es_sync_vmsa\(/;
const GET_REGS = /^static void __get_regs\(/;

/** A line of a function, taken out. */
const without = (fn: RegExp, line: RegExp): Edit => [fn, line];

describe('a missing copy', () => {
  it.each<readonly [string, readonly Edit[], string, readonly string[]]>([
    [
      'of a function that copies all',
      [without(SYNC, /save->r10 = [^;]*;/)],
      'Copy R10 too',
      ['save->r10 = svm->vcpu.arch.regs[VCPU_REGS_R10];'],
    ],
    [
      'of several registers',
      [without(GET_REGS, /regs->rdx = [^;]*;/), without(GET_REGS, /regs->r12 = [^;]*;/)],
      'Copy RDX, R12 too',
      ['regs->rdx = kvm_rdx_read_raw(vcpu);', 'regs->r12 = kvm_r12_read_raw(vcpu);'],
    ],
    [
      'back into the save area',
      [without(SVM_RUN, /svm->vmcb->save\.rsp = [^;]*;/)],
      'Write RSP back as RAX is',
      ['svm->vmcb->save.rsp = vcpu->arch.regs[VCPU_REGS_RSP];'],
    ],
    [
      'into the cache',
      [without(SVM_RUN, /vcpu->arch\.regs\[VCPU_REGS_RAX\] = [^;]*;/)],
      'Copy RAX back as RSP is',
      ['vcpu->arch.regs[VCPU_REGS_RAX] = svm->vmcb->save.rax;'],
    ],
  ])('%s is added by a quick fix, and nothing is found then', async (_, edits, title, added) => {
    const [fix, ...others] = await fixesOf(edits);
    expect(others).toEqual([]);
    expect(fix).toEqual({ title, added, found: [] });
  });

  it.each<readonly [string, readonly Edit[]]>([
    ['of a register that is fetched when it is needed', [without(GET_REGS, /regs->rsp = [^;]*;/)]],
    ['of a register that is kept elsewhere than the others', [without(SVM_RUN, /svm->vmcb->save\.rip = [^;]*;/)]],
    [
      'where the others are no statements of their own',
      [
        without(SYNC, /save->r10 = [^;]*;/),
        ...['r8', 'r9', 'r11', 'r12', 'r13', 'r14', 'r15'].map((name): Edit => [
          SYNC,
          new RegExp(`save->${name} = `),
          `barrier(); save->${name} = `,
        ]),
      ],
    ],
  ])('%s is for the reader to add', async (_, edits) => {
    expect(await fixesOf(edits)).toEqual([]);
  });
});
