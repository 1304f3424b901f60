import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { locationAt } from '../../server/src/syntax/text/sourceText.js';
import { CACHE } from './fixture.js';

const C = 'arch/x86/kvm/svm/svm.c';
const HEADER = 'arch/x86/kvm/svm/svm_ops.h';

/** `svm_enter vmrun` of each function that enters a guest, then what its assembly moves: `12 asm-load VCPU_REGS_RCX`. */
async function worldSwitch(files: Readonly<Record<string, string>>): Promise<string[]> {
  const model = await modelOf({ ...CACHE, ...files });
  const entries = model.graph.nodes.flatMap(({ name, asm }) =>
    asm?.entry ? [`${name} ${asm.entry.instruction}`] : [],
  );
  const moves = [...model.files.values()].flatMap(({ source, references }) =>
    references
      .filter(({ kind }) => kind.startsWith('asm-'))
      .map((r) => `${String(locationAt(source, r.start).line)} ${r.kind} ${r.register ?? ''}`),
  );
  return [...entries, ...moves];
}

const SLOT = '[rcx]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_RCX]))';

/** A function with these lines, the first of them line 3. */
function enter(...lines: string[]): string {
  return ['static void svm_enter(struct vcpu_svm *svm)', '{', ...lines, '}', ''].join('\n');
}

describe('an asm() statement that a macro makes', () => {
  it('is the world switch, with its own instructions and those of the arguments', async () => {
    const header = [
      '#define asm_safe(insn, inoutclob...) ({ int _fault = 0;\t\t\\',
      '\tasm volatile("1:" insn "\\n" "2:\\n"\t\t\t\t\\',
      '\t\t     _ASM_EXTABLE(1b, 2b)\t\t\t\t\\',
      '\t\t     : [_fault] "+qm"(_fault) inoutclob);\t\t\\',
      '\t_fault; })',
    ].join('\n');
    const text = enter(
      '\tasm_safe("mov %c[rcx](%[svm]), %%rcx\\n\\t"',
      '\t\t "vmrun\\n\\t"',
      '\t\t "mov %%rcx, %c[rcx](%[svm])",',
      `\t\t : [svm]"a"(svm), ${SLOT} : "cc", "memory");`,
    );
    expect(await worldSwitch({ [HEADER]: header, [C]: `#include "svm_ops.h"\n${text}` })).toEqual([
      'svm_enter vmrun',
      '4 asm-load VCPU_REGS_RCX',
      '6 asm-store VCPU_REGS_RCX',
    ]);
  });

  it('is one where the macro has the whole of it', async () => {
    const macro = [
      '#define ENTER_GUEST(svm)\t\t\t\t\t\\',
      '\tasm volatile("mov %c[rcx](%[v]), %%rcx; vmrun; mov %%rcx, %c[rcx](%[v])" \\',
      `\t\t     : : [v]"a"(svm), ${SLOT} : "cc", "memory")`,
    ].join('\n');
    const text = enter('\tENTER_GUEST(svm);');
    const expected = ['svm_enter vmrun', 'asm-load VCPU_REGS_RCX', 'asm-store VCPU_REGS_RCX'];
    const inHeader = await worldSwitch({ [HEADER]: macro, [C]: `#include "svm_ops.h"\n${text}` });
    expect(inHeader.map((line) => line.replace(/^\d+ /, ''))).toEqual(expected);
    const own = await worldSwitch({ [C]: `${macro}\n${text}` });
    expect(own.map((line) => line.replace(/^\d+ /, ''))).toEqual(expected);
    expect(own[1]).toMatch(/^6 /);
    const through = await worldSwitch({
      [C]: `${macro}\n#define RUN(v) do { ENTER_GUEST(v); } while (0)\n${enter('\tRUN(svm);')}`,
    });
    expect(through.map((line) => line.replace(/^\d+ /, ''))).toEqual(expected);
  });

  it('is one where the instruction is an argument that is no string', async () => {
    const macro = [
      '#define svm_asm1(insn, op1, clobber...)\t\t\t\\',
      'do {\t\t\t\t\t\t\t\t\\',
      '\tasm goto("1: " __stringify(insn) " %0\\n\\t"\t\t\\',
      '\t\t_ASM_EXTABLE(1b, %l[fault])\t\t\t\\',
      '\t\t: : op1 : clobber : fault);\t\t\t\\',
      '} while (0)',
    ].join('\n');
    const text = enter(
      `\tasm volatile("mov %c[rcx](%[svm]), %%rcx" : : [svm]"D"(svm), ${SLOT});`,
      '\tsvm_asm1(vmrun, "a"(svm->vmcb_pa), "memory");',
    );
    expect((await worldSwitch({ [C]: `${macro}\n${text}` })).slice(0, 2)).toEqual([
      'svm_enter vmrun',
      '9 asm-load VCPU_REGS_RCX',
    ]);
  });

  it('is left alone where it has nothing to do with the world switch', async () => {
    const macro = '#define barrier() asm volatile("" : : : "memory")\n#define nop() asm volatile("nop")\n';
    const text = enter('\tnop();', '\tbarrier();', '\ttrace_vmrun(svm);');
    expect(await worldSwitch({ [C]: macro + text })).toEqual([]);
  });
});
