import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { locationAt } from '../../server/src/syntax/text/sourceText.js';
import { CACHE } from './fixture.js';

const ASM = 'arch/x86/kvm/vmx/vmenter.S';
const NUMBERS = 'arch/x86/kvm/vmx/numbers.h';
const OFFSETS = {
  'arch/x86/kvm/kvm-asm-offsets.c':
    'static void __used common(void)\n{\n\tOFFSET(VMX_regs, vcpu_vmx, vcpu.arch.regs);\n\tOFFSET(SVM_host, host_save, regs);\n}\n',
};

/** The slots that a tree's assembly loads and stores: `3 asm-load VCPU_REGS_RAX via VMX_RAX`, by line. */
async function slots(files: Readonly<Record<string, string>>): Promise<string[]> {
  const model = await modelOf({ ...CACHE, ...OFFSETS, ...files });
  return [...model.files.values()].flatMap(({ source, references }) =>
    references
      .filter((reference) => reference.kind.startsWith('asm-'))
      .map((r) => `${locationAt(source, r.start).line} ${r.kind} ${r.register ?? ''} via ${r.via}`),
  );
}

/** The functions that enter a guest, with the instruction. */
async function entries(files: Readonly<Record<string, string>>): Promise<string[]> {
  const model = await modelOf({ ...CACHE, ...OFFSETS, ...files });
  return model.graph.nodes.flatMap((node) => (node.asm?.entry ? [`${node.name} ${node.asm.entry.instruction}`] : []));
}

describe('assembly', () => {
  it('loads and stores slots by the offset of the array', async () => {
    const text =
      '#define VMX_RAX (VMX_regs + __VCPU_REGS_RAX * 8)\nSYM_FUNC_START(run)\n\tmov VMX_regs + 1 * 8(%rdi), %rcx\n\tvmlaunch\n\tmov %rax, VMX_RAX(%rdi)\n\tRET\nSYM_FUNC_END(run)\n';
    expect(await slots({ [ASM]: `#include "numbers.h"\n${text}`, [NUMBERS]: '#define __VCPU_REGS_RAX 0\n' })).toEqual([
      '4 asm-load VCPU_REGS_RCX via %rcx',
      '6 asm-store VCPU_REGS_RAX via VMX_RAX',
    ]);
    expect(await entries({ [ASM]: text })).toEqual(['run vmlaunch']);
  });

  it('tells other memory apart by its base symbol', async () => {
    const text =
      'SYM_FUNC_START(run)\n\tmov %rax, SVM_host(%rdi)\n\tmov %rax, 8(%rsp)\n\tvmrun %rax\n\tRET\nSYM_FUNC_END(run)\n';
    expect(await slots({ [ASM]: text })).toEqual([]);
  });

  it('knows the array by the argument that the C call passes', async () => {
    const text = 'SYM_FUNC_START(run)\n\tmov 8(%rsi), %rcx\n\tvmresume\n\tRET\nSYM_FUNC_END(run)\n';
    const call = 'int f(struct kvm_vcpu *vcpu)\n{\n\treturn run(vcpu, (unsigned long *)&vcpu->arch.regs, 1);\n}\n';
    expect(await slots({ [ASM]: text, 'arch/x86/kvm/vmx/vmx.c': call })).toEqual(['2 asm-load VCPU_REGS_RCX via %rcx']);
    expect(await slots({ [ASM]: text })).toEqual([]);
  });

  it('is read in asm() too', async () => {
    const text =
      'static void run(struct vcpu_svm *svm)\n{\n\tasm volatile (\n\t\t"mov %c[rcx](%[svm]), %%rcx \\n\\t"\n\t\t"vmrun \\n\\t"\n\t\t"mov %%rcx, %c[rcx](%[svm]) \\n\\t"\n\t\t:\n\t\t: [svm]"a"(svm),\n\t\t  [rcx]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_RCX]))\n\t\t: "cc");\n}\n';
    expect(await slots({ 'arch/x86/kvm/svm.c': text })).toEqual([
      '4 asm-load VCPU_REGS_RCX via %c[rcx]',
      '6 asm-store VCPU_REGS_RCX via %c[rcx]',
    ]);
    expect(await entries({ 'arch/x86/kvm/svm.c': text })).toEqual(['run vmrun']);
  });

  it('enters a TD by a call of its module', async () => {
    const text = 'static void tdx_run(struct kvm_vcpu *vcpu)\n{\n\ttdh_vp_enter(vcpu, args);\n}\n';
    expect(await entries({ 'arch/x86/kvm/vmx/tdx.c': text })).toEqual(['tdx_run tdh.vp.enter']);
  });

  it('takes a macro that is not included from the one header that defines it', async () => {
    const text = 'SYM_FUNC_START(run)\n\tSAVED %rcx\n\tvmrun %rax\n\tRET\nSYM_FUNC_END(run)\n';
    const one = '.macro SAVED reg\nmov VMX_regs + 8(%rdi), \\reg\n.endm\n';
    const header = (name: string) => `arch/x86/kvm/${name}.h`;
    expect(await slots({ [ASM]: text, [header('one')]: one })).toEqual(['2 asm-load VCPU_REGS_RCX via %rcx']);
    expect(await slots({ [ASM]: text, [header('one')]: one, [header('two')]: one })).toEqual([]);
  });

  it('lists the macros that nothing defines, where a guest is entered', async () => {
    const text =
      'SYM_FUNC_START(other)\n\tNEVER_MIND\n\tRET\nSYM_FUNC_END(other)\nSYM_FUNC_START(run)\n\tSTUFF_BUFFERS %rcx\n\tvmrun %rax\n\tRET\nSYM_FUNC_END(run)\n';
    const model = await modelOf({ ...CACHE, ...OFFSETS, [ASM]: text });
    expect(model.unread).toEqual([{ file: ASM, line: 6, message: 'STUFF_BUFFERS is not defined' }]);
  });
});
