import { expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const X86 = 'arch/x86/kvm/x86.c';
const UAPI = 'arch/x86/include/uapi/asm/kvm.h';

const TREE = {
  ...CACHE,
  [HOST]: (CACHE[HOST] ?? '').replace(
    'unsigned long cr3;',
    'unsigned long cr3; unsigned long cr2; unsigned long db[4]; unsigned long eff_db[4]; unsigned long dr6; unsigned long dr7; unsigned long guest_debug_dr7;',
  ),
  [UAPI]: `
struct kvm_debugregs {
	__u64 db[4];
	__u64 dr6;
	__u64 dr7;
};
`,
  [X86]: `
void around_entry(struct kvm_vcpu *vcpu)
{
	set_debugreg(vcpu->arch.eff_db[1], 1);
	set_debugreg(vcpu->arch.dr6, 6);
	if (vcpu->arch.cr2 != native_read_cr2())
		native_write_cr2(vcpu->arch.cr2);
	enter(vcpu);
	vcpu->arch.cr2 = native_read_cr2();
	get_debugreg(vcpu->arch.db[0], 0);
	set_debugreg(DR6_RESERVED, 6);
}
static int hits(unsigned long addr, u32 dr7)
{
	return addr & dr7;
}
static int check(struct kvm_vcpu *vcpu, unsigned long addr)
{
	return hits(addr, vcpu->arch.guest_debug_dr7) || hits(addr, vcpu->arch.dr7);
}
static void get_dr(struct kvm_vcpu *vcpu, int dr, unsigned long *val)
{
	switch (dr) {
	case 0 ... 3:
		*val = vcpu->arch.db[dr];
		break;
	case 6:
		*val = vcpu->arch.dr6;
		break;
	default:
		*val = vcpu->arch.dr7;
	}
}
static void get_dr_of(struct kvm_vcpu *vcpu, int number, unsigned long *where)
{
	get_dr(vcpu, number, where);
}
static bool is_locked(struct kvm_vcpu *vcpu, int number)
{
	unsigned long control, any;

	get_dr_of(vcpu, 7, &control);
	get_dr_of(vcpu, number, &any);
	return control & any;
}
static void tell(struct kvm_vcpu *vcpu, struct kvm_debugregs *dbgregs)
{
	dbgregs->dr7 = vcpu->arch.dr7;
}
`,
};

const NOT_LOADED = 'before VM-entry, which does not load it on VMX';
const NOT_SAVED = "after VM-exit it is the guest's, which VMX does not save";

it.each([
  [
    'set_debugreg',
    'set_debugreg: writes DR1 in hardware with vcpu->arch.eff_db[1], which neither VM-entry nor VM-exit switches',
  ],
  [
    '1);\n\tset_debugreg',
    `set_debugreg: writes DR6 in hardware with vcpu->arch.dr6, KVM's copy of the guest's, ${NOT_LOADED}`,
  ],
  ['!= native_read_cr2', `native_read_cr2: reads CR2 of hardware; ${NOT_SAVED}`],
  [
    '= native_read_cr2();\n\tget_debugreg',
    "get_debugreg: reads DR0 of hardware to vcpu->arch.db[0], KVM's copy of the guest's, which neither VM-entry nor VM-exit switches",
  ],
  [
    'enter(vcpu);\n\tvcpu->arch.cr2 = native_read_cr2',
    `native_read_cr2: reads CR2 of hardware to vcpu->arch.cr2, KVM's copy of the guest's; ${NOT_SAVED}`,
  ],
  ['0);\n\tset_debugreg', `set_debugreg: writes DR6 in hardware with DR6_RESERVED`],
  ['u32 dr7', 'dr7: a parameter, a value for DR7 that is given by check'],
  ['return control', 'control: a local variable, set to DR7 by get_dr_of'],
  ['return control & any', ''],
  ['dbgregs->dr7', 'dr7: DR7 for userspace, KVM_GET_DEBUGREGS; written here with vcpu->arch.dr7 (ioctl)'],
])('registers that are not switched with the guest: %s', async (piece, expected) => {
  expect(saidOf(await modelOf(TREE), X86, piece)).toBe(expected);
});

it("a debugger's registers are not the guest's", async () => {
  const known = await modelOf(TREE);
  expect(saidOf(known, X86, 'vcpu->arch.guest_debug_dr7')).toMatch(
    /^guest_debug_dr7: DR7 of userspace's debugger .*, not the guest's/,
  );
  expect(saidOf(known, UAPI, '__u64 dr7')).toBe('dr7: DR7 for userspace, KVM_GET_DEBUGREGS or KVM_SET_DEBUGREGS');
});
