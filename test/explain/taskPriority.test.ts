import { expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const LAPIC = 'arch/x86/kvm/lapic.c';

const TREE = {
  ...CACHE,
  [LAPIC]: `
static void set_priority(struct kvm_lapic *apic, u32 tpr)
{
	kvm_lapic_set_reg(apic, APIC_TASKPRI, tpr);
	update_ppr(apic);
}
u64 guest_cr8(struct kvm_vcpu *vcpu)
{
	u64 tpr;

	tpr = (u64) kvm_lapic_get_reg(vcpu->arch.apic, APIC_TASKPRI);

	return (tpr & 0xf0) >> 4;
}
void take_cr8(struct kvm_vcpu *vcpu, unsigned long cr8)
{
	set_priority(vcpu->arch.apic, (cr8 & 0x0f) << 4);
}
void update_window(struct kvm_vcpu *vcpu)
{
	int max = 3, prio;

	prio = guest_cr8(vcpu);
	use(vcpu, prio, max);
}
int reg_write(struct kvm_lapic *apic, u32 reg, u32 val)
{
	switch (reg) {
	case APIC_TASKPRI:
		set_priority(apic, val & 0xff);
		break;
	case APIC_EOI:
		end(apic);
		break;
	}
	return 0;
}
void set_eoi(struct kvm_vcpu *vcpu)
{
	reg_write(vcpu->arch.apic, APIC_EOI, 0);
}
int vapic_read(struct kvm_vcpu *vcpu, u64 *data)
{
	return vapic_msr_read(vcpu, APIC_TASKPRI, data);
}
void intercepts(struct kvm_vcpu *vcpu)
{
	set_intercept(vcpu, X2APIC_MSR(APIC_TASKPRI), MSR_TYPE_RW);
}
`,
};

it.each([
  ['u64 guest_cr8', 'guest_cr8: reads CR8, the task priority of the local APIC'],
  ['void set_priority', 'set_priority: writes CR8, the task priority of the local APIC'],
  ['void take_cr8', 'take_cr8: sets CR8 by set_priority'],
  ['u32 tpr', 'tpr: a value for CR8, which the caller gives; written to bits of APIC_TASKPRI'],
  ['u64 tpr', 'tpr: a local variable, set to CR8 by bits of APIC_TASKPRI'],
  ['vcpu, prio', 'prio: a local variable, set to CR8 by guest_cr8'],
  ['APIC_TASKPRI', "APIC_TASKPRI: the local APIC's task-priority register, whose bits 7:4 are the guest's CR8"],
  ['void set_eoi', ''],
  ['int max', ''],
  ['int vapic_read', ''],
  ['u64 *data', ''],
  ['void intercepts', ''],
])('CR8 where the local APIC keeps it: %s', async (piece, expected) => {
  expect(saidOf(await modelOf(TREE), LAPIC, piece)).toBe(expected);
});
