import { describe, expect, it } from 'vitest';
import { checkedCode, checkedEdits, expectMarked, COMMON, NESTED, SVM, VMX, type Edit, type Found } from './checked.js';

const SVM_ENTRY = /^SYM_FUNC_START\(__svm_vcpu_run\)/;
const VMX_ENTRY = /^SYM_FUNC_START\(__vmx_vcpu_run\)/;
const SVM_RUN = /^static int svm_vcpu_run\(/;
const VMX_RUN = /^int vmx_vcpu_run\(/;
const ENUM = 'arch/x86/include/asm/kvm_host.h';

const inShort = (found: readonly Found[]) => found.map(({ rule, file, text }) => `${rule} ${file} ${text}`);
const checked = async (...edits: Edit[]) => inShort(await checkedEdits(edits));

describe('one way', () => {
  it('is a register that the world switch stores and does not load, and the other way round', async () => {
    const [found, ...others] = await checkedEdits([[SVM_ENTRY, /(LOAD_REGS [^\n]*\\\n\s*)%_ASM_CX, /, '$1']]);
    expect(others).toEqual([]);
    expect(found?.message).toBe('RCX is stored after VM-exit but not loaded before VM-entry in __svm_vcpu_run');
    expect(found?.text).toBe('%_ASM_CX');
    expect(found?.related.map((place) => place.replace(/^.*:\d+ /, ''))).toEqual([
      'where the guest is entered',
      'where other registers are loaded',
    ]);
    expect(await checked([SVM_ENTRY, /(STORE_REGS [^\n]*\\\n.*), %r12/, '$1'])).toEqual([
      'one-way arch/x86/kvm/svm/vmenter.S %r12',
    ]);
  });

  it('is one of R16-R31 together, where they are moved together', async () => {
    const found = await checkedEdits([[VMX_ENTRY, /\tVMX_STORE_EGPRS %_ASM_DI\n/]], 'apx-series');
    expect(found.map(({ message }) => message)).toEqual([
      'R16-R31 are loaded before VM-entry but not stored after VM-exit in __vmx_vcpu_run',
    ]);
    const [part, ...others] = await checkedEdits(
      [[VMX_ENTRY, /(?<=\t)VMX_STORE_EGPRS %_ASM_DI\n/, 'VMX_STORE_REGS %_ASM_DI, 16, 17, 18, 20\n']],
      'apx-series',
    );
    expect([part, ...others].map((one) => one?.message.replace(/ are .*| is .*/, ''))).toEqual(['R19', 'R21-R31']);
  });

  it('is one in the era of inline assembly, and where the slots have names', async () => {
    const load: Edit = [/^static void vmx_vcpu_run\(/, /"mov %c\[r9\]\(%0\), %%r9 \\n\\t"/, '""'];
    const inline = await checkedEdits([load], 'inline-asm');
    expect(inline.map(({ message }) => message)).toEqual([
      'R9 is stored after VM-exit but not loaded before VM-entry in vmx_vcpu_run',
    ]);
    const named = await checkedEdits([[VMX_ENTRY, /mov VCPU_RBX\(%_ASM_AX\), %_ASM_BX/]], 'vcpu-offsets');
    expect(named.map(({ text, message }) => [text, message])).toEqual([
      ['VCPU_RBX', 'RBX is stored after VM-exit but not loaded before VM-entry in __vmx_vcpu_run'],
    ]);
  });

  it('is one that C copies from the save area and not back, or back and not from it', async () => {
    expect(await checked([SVM_RUN, /svm->vmcb->save\.rip = vcpu->arch\.rip;/])).toEqual([`one-way ${SVM} rip`]);
    expect(await checked([SVM_RUN, /vcpu->arch\.regs\[VCPU_REGS_RAX\] = svm->vmcb->save\.rax;/])).toEqual([
      `one-way ${SVM} VCPU_REGS_RAX`,
    ]);
    expect(await checked([VMX_RUN, /vmcs_writel\(GUEST_RSP, [^;]*/])).toEqual([`one-way ${VMX} VCPU_REGS_RSP`]);
  });

  it('is one of a register with several fields', async () => {
    const [found] = await checkedEdits([[/^static void ept_save_pdptrs\(/, /vcpu->arch\.pdptrs\[2\] = [^;]*;/]]);
    expect(found?.message).toBe('PDPTR is written to GUEST_PDPTR2, which is never read (VMX)');
  });

  it('is no protocol, nor a host register, nor what is written through', async () => {
    const vmgexit: Edit = [/^static void sev_es_sync_to_ghcb\(/, /ghcb_set_rbx\([^;]*;/];
    expect(await checked(vmgexit)).toEqual([]);
    expect(await checked([/^SYM_FUNC_START\(__svm_sev_es_vcpu_run\)/, /, %r12/])).toEqual([]);
    expect(await checked([/^void vmx_set_cr4\(/, /vmcs_writel\(GUEST_CR4, cr4\);/])).toEqual([`one-way ${VMX} cr4`]);
  });

  it('is not said of a backend of which nothing shows how it is run', async () => {
    expect(await checked([SVM_RUN, /svm_vcpu_enter_exit\(vcpu\);/], [null, /\t__svm_vcpu_run\(svm\);/])).toEqual([]);
  });
});

describe('left out', () => {
  const sync = /^int sev_es_sync_vmsa\(/;

  it('is a register that a copy of all others lacks', async () => {
    const found = await checkedEdits([[sync, /save->r10 = [^;]*;/]]);
    expect(found.map(({ rule, text, message }) => [rule, text, message])).toEqual([
      [
        'left-out',
        'sev_es_sync_vmsa',
        'sev_es_sync_vmsa copies the other general-purpose registers from the cache to the VMSA, but not R10',
      ],
    ]);
  });

  it('is none in a function that passes only some', async () => {
    expect(
      await checked(...['r8', 'r9', 'r10', 'r11'].map((name): Edit => [sync, new RegExp(`save->${name} += [^;]*;`)])),
    ).toEqual([]);
  });
});

describe('left out of a protocol', () => {
  it('is nothing: the guest passes what it wants KVM to see', async () => {
    const all = ['rcx', 'rdx', 'rbx', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'];
    const copies = all.map(
      (name) => `vcpu->arch.regs[VCPU_REGS_${name.toUpperCase()}] = to_tdx(vcpu)->vp_enter_args.${name};`,
    );
    const code = `static void tdx_registers_of_exit(struct kvm_vcpu *vcpu)\n{\n\t${copies.join('\n\t')}\n}`;
    expect((await checkedCode(code, 'arch/x86/kvm/vmx/tdx.c', 'apx-series')).said).toEqual([]);
    const saved = code.replaceAll('to_tdx(vcpu)->vp_enter_args', 'regs');
    const intoStruct = saved.replace('(struct kvm_vcpu *vcpu)', '(struct kvm_vcpu *vcpu, struct kvm_regs *regs)');
    expect((await checkedCode(intoStruct, COMMON, 'apx-series')).said).not.toEqual([]);
  });
});

describe('never moved', () => {
  const declare = (members: string): Edit => [null, /\tVCPU_REGS_R15,\n/, `\tVCPU_REGS_R15, ${members}\n`];

  it('is a new register', async () => {
    const found = await checkedEdits([declare('VCPU_REGS_R16,')]);
    expect(found.map(({ rule, file, text, message }) => [rule, file, text, message])).toEqual([
      ['never-moved', ENUM, 'VCPU_REGS_R16', 'R16 is declared, but no code moves it'],
    ]);
  });

  it('is one of the first 16 that one backend leaves out', async () => {
    const found = await checkedEdits([
      [VMX_ENTRY, /(LOAD_REGS [^\n]*\\\n\s*%r8.*)%r12, /, '$1'],
      [VMX_ENTRY, /(STORE_REGS [^\n]*\\\n\s*%r8.*)%r12, /, '$1'],
    ]);
    expect(found.map(({ message }) => message)).toEqual([
      'R12 is declared, but VMX never moves it, as it does other GPRs',
    ]);
  });

  it('is no alias, end marker or exit information', async () => {
    expect(
      await checked(declare('VCPU_REGS_LAST = VCPU_REGS_R15, NR_VCPU_TEST_REGS, VCPU_REGS_R15_AGAIN = 15,')),
    ).toEqual([`never-moved ${ENUM} VCPU_REGS_R15_AGAIN`]);
    expect(
      await checked([
        null,
        /VCPU_REG_EXIT_INFO_2,\n/,
        '$& VCPU_REG_EXIT_INFO_3,'.replace('$& ', 'VCPU_REG_EXIT_INFO_2, '),
      ]),
    ).toEqual([]);
  });
});

describe('the wrong register', () => {
  it('is one whose field, slot or accessor is of another name', () =>
    expectMarked(
      `
static void wrong(struct kvm_vcpu *vcpu, struct kvm_regs *regs, struct ghcb *ghcb)
{
	vcpu->arch.regs[/*!wrong-register*/VCPU_REGS_RBX] = to_svm(vcpu)->vmcb->save.rcx;
	/*!wrong-register*/kvm_rbx_write_raw(vcpu, ghcb->save.rcx);
	regs->rbx = /*!wrong-register*/kvm_rcx_read(vcpu);
	/*!wrong-register*/ghcb_set_rbx(ghcb, vcpu->arch.regs[VCPU_REGS_RCX]);
}
`.replace(
        '/*!wrong-register*/ghcb_set_rbx(ghcb, vcpu->arch.regs[',
        'ghcb_set_rbx(ghcb, vcpu->arch.regs[/*!wrong-register*/',
      ),
      COMMON,
    ));

  it('is one in the VMCS and the VMSA, and in nested state', () =>
    expectMarked(
      `
static void wrong(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12, struct sev_es_save_area *save)
{
	save->r8 = vcpu->arch.regs[/*!wrong-register*/VCPU_REGS_R9];
	vmcs12->guest_rsp = /*!wrong-register*/kvm_rip_read(vcpu);
	/*!wrong-register*/kvm_rsp_write(vcpu, vmcs12->host_rip);
	/*!wrong-register*/vmcs_writel(GUEST_CR3, vmcs12->guest_cr0);
}
`,
      NESTED,
    ));

  it('is one that the world switch moves to or from the slot of another', async () => {
    const found = await checkedEdits(
      [[VMX_ENTRY, /mov %_ASM_CX, +VCPU_RCX/, 'mov %_ASM_CX, VCPU_RDX']],
      'vcpu-offsets',
    );
    expect(found.map(({ rule, text, message }) => [rule, text, message])).toEqual([
      ['one-way', 'VCPU_RCX', 'RCX is loaded before VM-entry but not stored after VM-exit in __vmx_vcpu_run'],
      ['wrong-register', 'VCPU_RDX', 'RCX is stored to the slot of RDX'],
    ]);
  });

  it('is one that an accessor is not named after', async () => {
    const found = await checkedEdits([
      [null, /__BUILD_KVM_GPR_ACCESSORS\(r9, R9\)/, '__BUILD_KVM_GPR_ACCESSORS(r9, R10)'],
    ]);
    expect(found.map(({ rule, text }) => [rule, text])).toContainEqual([
      'wrong-register',
      '__BUILD_KVM_GPR_ACCESSORS(r9, R10)',
    ]);
  });

  it('is no TDX argument, SMRAM slot, copy inside the cache, or value of which a part is right', () =>
    expectMarked(
      `
static void right(struct kvm_vcpu *vcpu, struct kvm_regs *regs, struct kvm_smram_state_64 *smram)
{
	kvm_rbx_write_raw(vcpu, to_tdx(vcpu)->vp_enter_args.rcx);
	smram->rip = kvm_rax_read(vcpu);
	kvm_rbx_write_raw(vcpu, kvm_rcx_read(vcpu));
	regs->rbx = kvm_rbx_read(vcpu) | kvm_rcx_read(vcpu) << 32;
	regs->rflags = vmcs_readl(GUEST_SYSENTER_ESP);
}
`,
      COMMON,
    ));
});
