import { describe, expect, it } from 'vitest';
import { checkedEdits, expectMarked, type Edit } from './checked.js';

/*
 * Bitmaps and masks in local variables: which registers they are about is not told, so that nothing is said of any.
 */

const ENTER = /^static noinstr void vmx_vcpu_enter_exit\(/;
const CLEAR = /kvm_clear_available_registers\([^;]*;/;
const RUN = /^static int svm_vcpu_run\(/;
const RELOAD = /kvm_register_mark_for_reload\([^;]*;/;

const silent = async (edit: Edit) => {
  expect((await checkedEdits([edit])).map(({ rule, message }) => `${rule} ${message}`)).toEqual([]);
};

describe('bits that are cleared after VM-exit by way of a local variable', () => {
  it.each([
    'const unsigned long lazy = VMX_REGS_LAZY_LOAD_SET; kvm_clear_available_registers(vcpu, lazy);',
    'const unsigned long lazy = ~VMX_REGS_LAZY_LOAD_SET; kvm_clear_available_registers(vcpu, lazy);',
    'unsigned long lazy = VMX_REGS_LAZY_LOAD_SET; if (keep) lazy &= ~BIT(VCPU_REG_CR3); vcpu->arch.regs_avail[0] &= ~lazy;',
    'unsigned long avail = vcpu->arch.regs_avail[0]; avail &= ~VMX_REGS_LAZY_LOAD_SET; vcpu->arch.regs_avail[0] = avail;',
    'unsigned long *avail = vcpu->arch.regs_avail; *avail &= ~VMX_REGS_LAZY_LOAD_SET;',
    'unsigned long *avail = vcpu->arch.regs_avail; avail[0] &= ~VMX_REGS_LAZY_LOAD_SET;',
    'unsigned long lazy; lazy = BIT(VCPU_REGS_RSP) | BIT(VCPU_REG_RIP); lazy |= VMX_REGS_LAZY_LOAD_SET; kvm_clear_available_registers(vcpu, lazy);',
    'DECLARE_BITMAP(clear, 32); bitmap_zero(clear, 32); clear[0] = VMX_REGS_LAZY_LOAD_SET; bitmap_andnot(vcpu->arch.regs_avail, vcpu->arch.regs_avail, clear, 32);',
    'DECLARE_BITMAP(clear, 32) = { VMX_REGS_LAZY_LOAD_SET }; bitmap_andnot(vcpu->arch.regs_avail, vcpu->arch.regs_avail, clear, 32);',
    'DECLARE_BITMAP(lazy, 32); int i; bitmap_zero(lazy, 32); __set_bit(VCPU_REGS_RSP, lazy); __set_bit(VCPU_REG_RIP, lazy); bitmap_andnot(vcpu->arch.regs_avail, vcpu->arch.regs_avail, lazy, 32);',
    'unsigned long *avail = vcpu->arch.regs_avail; __clear_bit(VCPU_REGS_RSP, avail); __clear_bit(VCPU_REG_RIP, avail);',
    'bitmap_clear(vcpu->arch.regs_avail, VCPU_REGS_RSP, 1); bitmap_clear(vcpu->arch.regs_avail, VCPU_REG_RIP, 9);',
  ])('%s', (put) => silent([ENTER, CLEAR, put]));

  it.each([
    'unsigned long *avail = vcpu->arch.regs_avail; __clear_bit(VCPU_REG_PDPTR, avail);',
    'u64 mask = BIT(VCPU_REG_PDPTR); vcpu->arch.regs_avail[0] &= ~mask;',
    'clear_bit(VCPU_REG_PDPTR, vcpu->arch.regs_avail);',
    'vcpu->arch.regs_avail[0] = vcpu->arch.regs_avail[0] & ~BIT(VCPU_REG_PDPTR);',
  ])('%s', (put) => silent([RUN, RELOAD, put]));

  it.each([
    'unsigned long *dirty = vcpu->arch.regs_dirty; bitmap_zero(dirty, 32);',
    'unsigned long *dirty = vcpu->arch.regs_dirty; *dirty = 0;',
    'memset(vcpu->arch.regs_dirty, 0, sizeof(vcpu->arch.regs_dirty));',
  ])('%s', (put) => silent([null, /vcpu->arch\.regs_dirty\[0\] = 0;/, put]));
});

describe('reads under a test by way of a local variable', () => {
  it('are not stale, and such a fetch is none without a test', () =>
    expectMarked(`

static unsigned long a1(struct kvm_vcpu *vcpu)
{
	unsigned long avail = vcpu->arch.regs_avail[0];

	if (!(avail & BIT(VCPU_REG_CR3)))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_CR3);
	return vcpu->arch.cr3;
}
static unsigned long a2(struct kvm_vcpu *vcpu)
{
	unsigned long avail = vcpu->arch.regs_avail[0];

	return avail & (1 << VCPU_REG_CR3) ? vcpu->arch.cr3 : 0;
}
static unsigned long a3(struct kvm_vcpu *vcpu)
{
	unsigned long *avail = vcpu->arch.regs_avail;

	if (!test_bit(VCPU_REG_RIP, avail))
		return 0;
	return vcpu->arch.rip;
}
static unsigned long a4(struct kvm_vcpu *vcpu)
{
	bool has = vcpu->arch.regs_avail[0] & BIT(VCPU_REG_RIP);

	if (!has)
		return 0;
	return vcpu->arch.rip;
}
static unsigned long a5(struct kvm_vcpu *vcpu)
{
	bool has = test_bit(VCPU_REG_RIP, vcpu->arch.regs_avail);

	return has ? vcpu->arch.rip : 0;
}
static unsigned long a6(struct kvm_vcpu *vcpu)
{
	const unsigned long mask = BIT(VCPU_REG_RIP);

	return vcpu->arch.regs_avail[0] & mask ? vcpu->arch.rip : 0;
}
static void ensure(struct kvm_vcpu *vcpu, unsigned long mask)
{
	if (~vcpu->arch.regs_avail[0] & mask)
		fetch(vcpu, mask);
}
static unsigned long a7(struct kvm_vcpu *vcpu)
{
	ensure(vcpu, BIT(VCPU_REG_RIP));
	return vcpu->arch.rip;
}
static unsigned long before(struct kvm_vcpu *vcpu)
{
	unsigned long rip = vcpu->arch./*!stale-read*/rip, avail = vcpu->arch.regs_avail[0];

	return avail & BIT(VCPU_REG_RIP) ? rip : 0;
}
`));
});

describe('writes with a mark by way of a local variable', () => {
  it('are marked dirty', () =>
    expectMarked(`
static void w1(struct kvm_vcpu *vcpu, unsigned long val)
{
	unsigned long *dirty = vcpu->arch.regs_dirty;

	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	__set_bit(VCPU_REGS_RSP, dirty);
}
static void w2(struct kvm_vcpu *vcpu, unsigned long val)
{
	unsigned long *avail = vcpu->arch.regs_avail, *dirty = vcpu->arch.regs_dirty;

	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	*avail |= BIT(VCPU_REGS_RSP);
	*dirty |= BIT(VCPU_REGS_RSP);
}
static void w3(struct kvm_vcpu *vcpu, unsigned long val)
{
	u32 mask = 1 << VCPU_REGS_RSP;

	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	vcpu->arch.regs_avail[0] |= mask;
	vcpu->arch.regs_dirty[0] |= mask;
}
static void w4(struct kvm_vcpu *vcpu, unsigned long val)
{
	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	vcpu->arch.regs_dirty[0] = vcpu->arch.regs_dirty[0] | BIT(VCPU_REGS_RSP);
}
static void w5(struct kvm_vcpu *vcpu, unsigned long val)
{
	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	bitmap_set(vcpu->arch.regs_dirty, VCPU_REGS_RSP, 1);
}
static void w6(struct kvm_vcpu *vcpu, unsigned long val)
{
	DECLARE_BITMAP(mark, 32);

	bitmap_zero(mark, 32);
	__set_bit(VCPU_REGS_RSP, mark);
	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	bitmap_or(vcpu->arch.regs_dirty, vcpu->arch.regs_dirty, mark, 32);
}
static void w7(struct kvm_vcpu *vcpu, unsigned long val)
{
	struct kvm_vcpu_arch *arch = &vcpu->arch;
	unsigned long dirty = arch->regs_dirty[0];

	arch->regs[VCPU_REGS_RSP] = val;
	dirty |= BIT(VCPU_REGS_RSP);
	arch->regs_dirty[0] = dirty;
}
static void w8(struct kvm_vcpu *vcpu, unsigned long val)
{
	unsigned long *avail = vcpu->arch.regs_avail;

	vcpu->arch.regs[/*!not-marked-dirty*/VCPU_REGS_RSP] = val;
	__set_bit(VCPU_REGS_RSP, avail);
}
`));
});
