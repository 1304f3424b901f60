import { it } from 'vitest';
import { expectMarks, registers } from './fixture.js';

it('finds arrays of sixteen that are copied to or from registers by number', () =>
  expectMarks(`
struct kvm_smram_state_64 {
	u64 others[16];
	u64 gprs[16]; /* apx/fixed-array: gprs */
};
struct saved {
	u64 low[8];
	u64 all[32];
	u64 counted[NR_GPRS]; /* apx/fixed-array: counted */
};
static void code(struct kvm_vcpu *vcpu, struct kvm_smram_state_64 *smram, struct saved *saved)
{
	int i;

	for (i = 0; i < 32; i++) {
		smram->gprs[15 - i] = kvm_register_read(vcpu, i);
		saved->all[i] = saved->counted[i] = kvm_register_read(vcpu, i);
		smram->others[i] = 0;
	}
	for (i = 0; i < 8; i++)
		kvm_register_write(vcpu, i, saved->low[i]);
}
`));

it('finds variables that are arrays with a slot for each register', () =>
  expectMarks(`
static const u16 offsets[16] = { 0, 8, 16 }; /* apx/fixed-array: offsets */
static const char *const names[NR_GPRS] = { "rax" }; /* apx/fixed-array: names */
static u64 others[16];

static int code(struct kvm_vcpu *vcpu, int reg)
{
	u64 saved[16] = {}, wide[32]; /* apx/fixed-array: saved */
	int i;

	for (i = 0; i < 32; i++) {
		saved[i] = kvm_register_read(vcpu, i);
		others[i] = 0;
	}
	wide[reg] = 0;
	trace(names[reg]);
	return offsets[reg] + kvm_register_read(vcpu, reg);
}
`));

it('leaves arrays alone that begin with a later register', () =>
  expectMarks(`
struct saved {
	u64 low[16]; /* apx/fixed-array: low */
	u64 egprs[16];
};
static void code(struct kvm_vcpu *vcpu, struct saved *saved)
{
	int i;

	for (i = 0; i < 32; i++) {
		if (i < 16) /* apx/bound: 16 */
			saved->low[i] = kvm_register_read(vcpu, i);
		else
			saved->egprs[i - 16] = kvm_register_read(vcpu, i);
	}
}
`));

it('finds the register cache itself', () => {
  const file = 'arch/x86/include/asm/kvm_host.h';
  return expectMarks({
    [file]: (registers()[file] ?? '').replace('regs[32];', 'regs[NR_GPRS]; /* apx/fixed-array: regs */'),
  });
});

it('leaves the register cache alone where the enum has R16-R31', () => {
  const file = 'arch/x86/include/asm/kvm_host.h';
  return expectMarks({ [file]: (registers(31)[file] ?? '').replace('regs[32];', 'regs[NR_GPRS];') });
});
