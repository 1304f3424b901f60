import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const X86 = 'arch/x86/kvm/x86.c';
const SVM = 'arch/x86/kvm/svm/svm.c';
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const EMULATE = 'arch/x86/kvm/emulate.c';

const HEADERS = {
  [HOST]: (CACHE[HOST] ?? '')
    .replace('VCPU_EXREG_CR3,', 'VCPU_EXREG_CR3, VCPU_EXREG_CR4, VCPU_EXREG_RFLAGS, VCPU_EXREG_SEGMENTS,')
    .replace(
      'unsigned long cr3;',
      `unsigned long cr3; unsigned long cr4; unsigned long cr2; u64 efer; unsigned long db[4]; unsigned long dr6; unsigned long dr7;
	bool guest_state_protected; bool nested_run_pending;`,
    )
    .concat(
      `enum { VCPU_SREG_ES, VCPU_SREG_CS, VCPU_SREG_SS, VCPU_SREG_DS, VCPU_SREG_FS, VCPU_SREG_GS, VCPU_SREG_TR, VCPU_SREG_LDTR };
struct kvm_x86_ops { int (*get_cpl)(struct kvm_vcpu *vcpu); };
`,
    ),
  'arch/x86/kvm/svm/svm.h': `
struct vmcb_seg { u16 selector; u64 base; };
struct vmcb_save_area { struct vmcb_seg es; struct vmcb_seg cs; u64 cr2; u64 cr3; u64 rip; u64 efer; u64 rflags; u64 dr6; u64 dr7; u8 cpl; };
struct vmcb_control_area { u64 next_rip; u64 nested_cr3; u64 ghcb_gpa; };
struct vmcb { struct vmcb_control_area control; struct vmcb_save_area save; };
struct kvm_vmcb_info { struct vmcb *ptr; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; struct kvm_vmcb_info vmcb01; u64 next_rip; u64 iret_rip; };
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
`,
  'arch/x86/kvm/vmx/vmx.h': `
struct vmcs12 { u64 guest_cr4; u64 guest_dr7; };
struct vcpu_vmx { struct kvm_vcpu vcpu; };
`,
};

const CODE = {
  [X86]: `
static void compare(struct kvm_vcpu *vcpu, u64 *other)
{
	if (memcmp(vcpu->arch.pdptrs, other, sizeof(vcpu->arch.pdptrs)))
		forget(vcpu);
}
static void tell(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	if (vcpu->arch.guest_state_protected)
		return;
	sregs->cr3 = vcpu->arch.cr3;
}
static void watch(struct kvm_vcpu *vcpu)
{
	vcpu->arch.db[0] = 1;
	vcpu->run->debug.arch.dr6 = 0;
}
static int level(struct kvm_vcpu *vcpu)
{
	return kvm_x86_call(get_cpl)(vcpu);
}
`,
  [EMULATE]: `
struct x86_emulate_ctxt { unsigned long _regs[16]; };
static unsigned long own_efer(struct x86_emulate_ctxt *ctxt)
{
	u64 efer = 0;

	efer |= EFER_LMA;
	return efer;
}
`,
  [SVM]: `
static int set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	vcpu->arch.efer = efer;
	to_svm(vcpu)->vmcb->save.efer = efer | EFER_SVME;
	return 0;
}
static void set_dr7(struct kvm_vcpu *vcpu, unsigned long value)
{
	to_svm(vcpu)->vmcb->save.dr7 = value;
}
static int level_of(struct kvm_vcpu *vcpu)
{
	struct vmcb_save_area *save = &to_svm(vcpu)->vmcb->save;

	return save->cpl;
}
static struct kvm_x86_ops ops = { .get_cpl = level_of };
static void enter_l2(struct kvm_vcpu *vcpu, u64 vmcb12_gpa)
{
	struct vmcb *vmcb01 = to_svm(vcpu)->vmcb01.ptr;

	vmcb01->save.rip = kvm_rip_read(vcpu);
}
static void leave_l2(struct kvm_vcpu *vcpu, u64 vmcb12_gpa)
{
	struct vmcb *vmcb01 = to_svm(vcpu)->vmcb01.ptr;

	kvm_rip_write(vcpu, vmcb01->save.rip);
}
static void svm_run(struct kvm_vcpu *vcpu, u64 root)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->vmcb->save.cr2 = vcpu->arch.cr2;
	svm->vmcb->control.nested_cr3 = root;
	if (!is_protected(vcpu))
		vcpu->arch.cr2 = svm->vmcb->save.cr2;
	vcpu->arch.regs_dirty = 0;
	svm->next_rip = svm->vmcb->control.next_rip;
	svm->iret_rip = kvm_rip_read(vcpu);
}
static bool is_behind_iret(struct vcpu_svm *svm, u64 rip)
{
	u64 was = svm->iret_rip, now = svm->iret_rip;

	now = rip;
	return was != now;
}
static void stop(struct kvm_vcpu *vcpu, unsigned long dr7)
{
	struct kvm_run *kvm_run = vcpu->run;

	kvm_run->debug.arch.dr6 = to_svm(vcpu)->vmcb->save.dr6;
	kvm_run->debug.arch.dr7 = dr7;
}
static int ask(struct vcpu_svm *svm)
{
	return kvm_ghcb_rcx_is_valid(svm) && kvm_ghcb_sw_scratch_is_valid(svm);
}
`,
  [VMX]: `
static void fix_task(struct kvm_vcpu *vcpu)
{
	u32 rights = vmcs_read32(GUEST_TR_AR_BYTES);

	if (rights & 4)
		vmcs_write32(GUEST_TR_AR_BYTES, (rights & ~15) | 11);
}
static void real_mode(struct kvm_vcpu *vcpu)
{
	vmcs_writel(GUEST_CR4, vmcs_readl(GUEST_CR4) | vmcs_readl(CR4_READ_SHADOW));
}
static void dump(struct kvm_vcpu *vcpu)
{
	pr_err("%lx %lx", vmcs_readl(GUEST_RSP), vmcs_readl(GUEST_RFLAGS));
}
static void write_cr4(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12, unsigned long val)
{
	if (is_guest_mode(vcpu)) {
		val |= vmcs12->guest_cr4 & 1;
		vmcs_writel(CR4_READ_SHADOW, val);
	}
}
static void prepare(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	if (vcpu->arch.nested_run_pending &&
	    vmcs12->guest_dr7)
		vmcs_writel(GUEST_DR7, vmcs12->guest_dr7);
}
static int length(void)
{
	return vmcs_read32(VM_EXIT_INSTRUCTION_LEN);
}
`,
};

const ACCESSORS = {
  'arch/x86/kvm/kvm_cache_regs.h': (CACHE['arch/x86/kvm/kvm_cache_regs.h'] ?? '').concat(`
static inline unsigned long kvm_rip_read(struct kvm_vcpu *vcpu)
{
	return kvm_register_read_raw(vcpu, VCPU_REGS_RIP);
}
static inline void kvm_rip_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write_raw(vcpu, VCPU_REGS_RIP, val);
}
`),
};

/** Of each kind, the pieces whose last words are hovered, and the first lines of the answers. */
const PLACES: readonly (readonly [string, readonly (readonly [string, string, string | RegExp])[]])[] = [
  [
    'a function that reads or writes the save area beside the cache',
    [
      [VMX, 'void fix_task', 'fix_task: changes TR in the VMCS'],
      [VMX, 'void real_mode', 'real_mode: changes CR4 in the VMCS'],
      [VMX, 'void dump', 'dump: reads RSP RFLAGS of the VMCS'],
      [SVM, 'int set_efer', /^set_efer: sets EFER in the VMCB · writes EFER/],
    ],
  ],
  [
    "userspace's debug registers, which are not KVM's copies",
    [
      [SVM, 'void stop', 'stop: reads DR6 of the VMCB'],
      [SVM, 'debug.arch.dr7 = dr7', ''],
    ],
  ],
  [
    "L1's own VMCB gets its state on the way into L2",
    [
      [SVM, 'vmcb01->save.rip', /written here from the register cache, .*, at nested VM-entry/],
      [SVM, 'kvm_rip_write(vcpu, vmcb01->save.rip', /read here to the register cache, .*, at nested VM-exit/],
      [VMX, 'val |= vmcs12->guest_cr4', "guest_cr4: L2's CR4 in vmcs12; read here, if is_guest_mode(vcpu)"],
    ],
  ],
  [
    'what a test decides where it stands',
    [[X86, 'vcpu->arch.guest_state_protected', /; tested here; here it decides about CR3$/]],
  ],
  [
    'a member, with the conditions of what is done with it',
    [
      [X86, 'sizeof(vcpu->arch.pdptrs', 'PDPTR: in the register cache, vcpu->arch.pdptrs'],
      [
        SVM,
        'if (!is_protected(vcpu))\n\t\tvcpu->arch.cr2',
        "cr2: KVM's copy of the guest's CR2, which the register enum does not list; written here with svm->vmcb->save.cr2, if !is_protected(vcpu)",
      ],
      [SVM, 'vcpu->arch.regs_dirty', /VM-entry; cleared here, none is dirty from here on$/],
      [
        X86,
        'vcpu->arch.db',
        "db: KVM's copy of the guest's DR0-DR3, which the register enum does not list; written here with 1",
      ],
      [X86, 'debug.arch.dr6', 'dr6: DR6 in struct kvm_run, which userspace reads and writes; written here with 0'],
      [
        SVM,
        'svm->iret_rip',
        "iret_rip: a value of the guest's RIP that KVM keeps aside, no part of the register cache; written here with kvm_rip_read(vcpu)",
      ],
      [
        SVM,
        'return was',
        "was: set to svm->iret_rip, a value of the guest's RIP that KVM keeps aside, no part of the register cache",
      ],
      [SVM, 'return was != now', ''],
    ],
  ],
  [
    'a field that is no place of the register that it is called after',
    [
      [
        SVM,
        'control.nested_cr3',
        "nested_cr3: the root of KVM's nested page tables, no guest register; written here with root",
      ],
      [
        SVM,
        'vmcb->control.next_rip',
        /^next_rip: the address behind the instruction that exited, .*; read here to svm->next_rip$/,
      ],
      [SVM, 'svm->next_rip', ''],
      [
        VMX,
        'vmcs_writel(CR4_READ_SHADOW',
        'CR4_READ_SHADOW: what the guest reads of the bits of CR4 that KVM owns; written here with val, if is_guest_mode(vcpu)',
      ],
      [
        VMX,
        'vmcs_read32(VM_EXIT_INSTRUCTION_LEN',
        /^VM_EXIT_INSTRUCTION_LEN: the length of the instruction that exited, .*; read here$/,
      ],
      [SVM, 'kvm_ghcb_rcx_is_valid', 'kvm_ghcb_rcx_is_valid: asks whether the guest has marked RCX valid in the GHCB'],
      [SVM, 'kvm_ghcb_sw_scratch_is_valid', ''],
    ],
  ],
  [
    'an operation that only reads the save area',
    [[X86, 'kvm_x86_call(get_cpl', 'get_cpl: an operation of the vendor module, level_of']],
  ],
];

const model = await modelOf({ ...CACHE, ...HEADERS, ...ACCESSORS, ...CODE });

describe.each(PLACES)('%s', (_kind, places) => {
  it.each(places)('%s: %s', (path, piece, said) => {
    if (typeof said === 'string') expect(saidOf(model, path, piece)).toBe(said);
    else expect(saidOf(model, path, piece)).toMatch(said);
  });
});
