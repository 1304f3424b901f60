import { beforeAll, describe, expect, it } from 'vitest';
import { checkTree } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { treeReading, type TreeReading } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('vcpu-offsets'));

/** What is put in place of what, in a file. */
type Change = readonly [path: string, written: string, instead: string];

const LOAD = 'mov VCPU_RBX(%_ASM_DI), %_ASM_BX';
const FIRST = 'mov SVM_vmcb_pa(%_ASM_DI), %_ASM_AX';
const STORE = 'mov %_ASM_BX, VCPU_RBX(%_ASM_AX)';
const ENTER = '\tsvm_vcpu_enter_exit(vcpu);\n\n';
const CALL = '\t\t__svm_vcpu_run(svm);';
const MEMBER: readonly Change[] = [
  ['kvm-asm-offsets.c', '\tOFFSET(SVM_vmcb_pa', '\tOFFSET(SVM_guest_rbx, vcpu_svm, guest_rbx);\n\tOFFSET(SVM_vmcb_pa'],
  ['svm/svm.h', '\tunsigned long vmcb_pa;', '\tunsigned long vmcb_pa;\n\tunsigned long guest_rbx;'],
  ['svm/vmenter.S', LOAD, 'mov SVM_guest_rbx(%_ASM_DI), %_ASM_BX'],
];

/** C code around the world switch. */
function around(before: string, behind: string): Change {
  return ['svm/svm.c', ENTER, `\t${before}\n\tsvm_vcpu_enter_exit(vcpu);\n\t${behind}\n\n`];
}

describe('memory that the world switch has in the place of a slot', () => {
  let read: TreeReading;
  beforeAll(async () => {
    read = treeReading(await parser());
  });

  /** What the sample with changes says of RBX on SVM, and of whether it is tracked. */
  const said = (changes: readonly Change[]) => {
    const changed = (path: string, text: string) =>
      changes
        .filter(([end]) => path.endsWith(`/${end}`))
        .reduce((all, [, written, instead]) => {
          if (!all.includes(written)) throw new Error(`${path} has no ${written}`);
          return all.replace(written, instead);
        }, text);
    const files = sample.files.map(({ path, text }) => ({ path, text: changed(path, text) }));
    return answers(read({ ...sample, files }));
  };

  it.each([
    [
      'a member that C code copies the slot to',
      [...MEMBER, around('svm->guest_rbx = vcpu->arch.regs[VCPU_REGS_RBX];', '')],
    ],
    ['a member that C code copies an accessor to', [...MEMBER, around('svm->guest_rbx = kvm_rbx_read(vcpu);', '')]],
    [
      'a variable of the CPU',
      [
        ['svm/vmenter.S', LOAD, 'mov %gs:guest_rbx, %_ASM_BX'],
        around('this_cpu_write(guest_rbx, kvm_rbx_read(vcpu));', ''),
      ],
    ],
    [
      "a function's result",
      [
        ['svm/vmenter.S', LOAD, ''],
        [
          'svm/vmenter.S',
          FIRST,
          `call svm_guest_rbx\n\tmov %_ASM_AX, %_ASM_BX\n\tmov (%_ASM_SP), %_ASM_DI\n\t${FIRST}`,
        ],
        [
          'svm/svm.c',
          'static int svm_vcpu_run(',
          'unsigned long svm_guest_rbx(struct vcpu_svm *svm)\n{\n\treturn kvm_rbx_read(&svm->vcpu);\n}\n\nstatic int svm_vcpu_run(',
        ],
      ],
    ],
  ] satisfies [string, readonly Change[]][])('may be loaded: %s', (_, changes) => {
    const { load, store, findings } = said(changes);
    expect(load).toEqual(['found']);
    expect(store).toEqual([expect.stringMatching(/^svm_\w+ may copy it to or from memory/)]);
    expect(findings).toEqual([]);
  });

  it.each([
    [
      'a member',
      [
        ...MEMBER,
        ['svm/vmenter.S', STORE, 'mov %_ASM_BX, SVM_guest_rbx(%_ASM_AX)'],
        around('svm->guest_rbx = kvm_rbx_read(vcpu);', 'kvm_rbx_write(vcpu, svm->guest_rbx);'),
      ],
    ],
    [
      'an array that is an argument',
      [
        [
          'svm/svm.c',
          CALL,
          '\t{\n\t\tunsigned long kept[4];\n\n\t\tkept[3] = kvm_rbx_read(vcpu);\n\t\t__svm_vcpu_run(svm, kept);\n\t\tkvm_rbx_write(vcpu, kept[3]);\n\t}',
        ],
        [
          'svm/svm.h',
          '__svm_vcpu_run(struct vcpu_svm *svm)',
          '__svm_vcpu_run(struct vcpu_svm *svm, unsigned long *kept)',
        ],
        ['svm/vmenter.S', LOAD, 'push %_ASM_ARG2\n\tmov 24(%_ASM_ARG2), %_ASM_BX'],
        ['svm/vmenter.S', '\tpop %_ASM_AX\n', '\tpop %_ASM_AX\n\tmov %_ASM_BX, 24(%_ASM_AX)\n\tpop %_ASM_AX\n'],
        ['svm/vmenter.S', STORE, ''],
      ],
    ],
    [
      'an array for all registers, which is copied as a whole',
      [
        ['kvm-asm-offsets.c', 'SVM_vcpu_arch_regs, vcpu_svm, vcpu.arch.regs', 'SVM_vcpu_arch_regs, vcpu_svm, run_regs'],
        ['svm/svm.h', '\tunsigned long vmcb_pa;', '\tunsigned long vmcb_pa;\n\tunsigned long run_regs[16];'],
        ['svm/vmenter.S', '__VCPU_REGS_RBX * WORD_SIZE', '3 * WORD_SIZE'],
        around(
          'memcpy(svm->run_regs, vcpu->arch.regs, sizeof(svm->run_regs));',
          'memcpy(vcpu->arch.regs, svm->run_regs, sizeof(svm->run_regs));',
        ),
      ],
    ],
  ] satisfies [string, readonly Change[]][])('may be loaded and stored: %s', (_, changes) => {
    const { load, store, findings } = said(changes);
    expect([load, store].map(([first]) => first)).toEqual([
      expect.stringMatching(/^svm_\w+ may copy it to or from memory/),
      expect.stringMatching(/^svm_\w+ may copy it to or from memory/),
    ]);
    expect(findings).toEqual([]);
  });

  it('is no copy where C code has another value in it', () => {
    const { store, findings } = said([...MEMBER, around('svm->guest_rbx = vcpu->arch.cr2;', '')]);
    expect(store).toEqual(['none']);
    expect(findings).toEqual([expect.stringContaining('RBX is stored after VM-exit but not loaded before VM-entry')]);
  });
});

/** How each direction is answered: found, none, or why it is not known; and what is found to be a mistake. */
function answers(model: RegisterModel): Record<'load' | 'store' | 'findings', readonly string[]> {
  const owner = model.registers
    .find(({ register }) => register === 'RBX')
    ?.owners.find(({ backend }) => backend === 'svm');
  if (!owner) throw new Error('SVM has no RBX');
  const direction = (side: 'load' | 'store') => {
    if (owner[side].length > 0) return ['found'];
    const reasons = owner.unknown[side].map(({ what, why }) => `${what} ${why}`);
    return reasons.length > 0 ? reasons : ['none'];
  };
  const findings = checkTree(model, TRACKING_RULES).map(({ message }) => message);
  return { load: direction('load'), store: direction('store'), findings };
}
