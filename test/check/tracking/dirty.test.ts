import { describe, expect, it } from 'vitest';
import { checkedEdits, expectMarked, type Edit, COMMON, NESTED, SVM, VMX } from './checked.js';

describe('not marked dirty', () => {
  it('is a write of a register that is written back if dirty, by name, field or number', () =>
    expectMarked(
      `
static void put(struct kvm_vcpu *vcpu, int nr, unsigned long val)
{
	vcpu->arch.regs[/*!not-marked-dirty*/VCPU_REGS_RSP] = val;
	vcpu->arch./*!not-marked-dirty*/rip = val;
	vcpu->arch./*!not-marked-dirty*/cr3 = val;
	vcpu->arch.regs[/*!not-marked-dirty*/nr] = val;
}
static void clear(struct kvm_vcpu *vcpu)
{
	/*!not-marked-dirty*/memset(vcpu->arch.regs, 0, sizeof(vcpu->arch.regs));
}
`,
      COMMON,
    ));

  it('is one that another branch or case, another register or only availability is marked for', () =>
    expectMarked(`
static void put(struct kvm_vcpu *vcpu, unsigned long val, int which)
{
	if (which)
		vcpu->arch./*!not-marked-dirty*/rip = val;
	else
		kvm_register_mark_dirty(vcpu, VCPU_REG_RIP);
	vcpu->arch.regs[/*!not-marked-dirty*/VCPU_REGS_RSP] = val;
	kvm_register_mark_available(vcpu, VCPU_REGS_RSP);
	kvm_register_mark_dirty(vcpu, VCPU_REG_PDPTR);
	if (which == 2)
		kvm_register_mark_dirty(vcpu, VCPU_REGS_RSP);
}
`));

  it('is, for a helper that writes one element, where it is called and not marked', () =>
    expectMarked(`
static void put_one(struct kvm_vcpu *vcpu, int i, u64 val)
{
	vcpu->arch.pdptrs[i] = val;
}
static void put_all(struct kvm_vcpu *vcpu, u64 *vals)
{
	for (int i = 0; i < 4; i++)
		put_one(vcpu, i, vals[i]);
	kvm_register_mark_dirty(vcpu, VCPU_REG_PDPTR);
}
static void put_some(struct kvm_vcpu *vcpu, u64 *vals)
{
	/*!not-marked-dirty*/put_one(vcpu, 0, vals[0]);
}
`));

  it('is an accessor that a macro makes', async () => {
    const rsp = '__BUILD_KVM_GPR_ACCESSORS(rsp, RSP)';
    const found = await checkedEdits([[null, /__BUILD_KVM_GPR_ACCESSORS\(r8, R8\)/, `$& ${rsp}`]]);
    const [first, ...others] = found.filter(({ rule }) => rule === 'not-marked-dirty');
    expect(others).toEqual([]);
    expect(first?.message).toBe(
      'kvm_rsp_write_raw writes RSP without marking it dirty: VMX writes it back to GUEST_RSP only if dirty',
    );
  });

  it('says who writes it back, and where', async () => {
    const found = await checkedEdits([
      [/^static inline void kvm_rip_write\(/, /kvm_register_mark_dirty\(vcpu, VCPU_REG_RIP\);/],
    ]);
    expect(found.map(({ message, related }) => [message, related])).toEqual([
      [
        'RIP is written but not marked dirty: VMX writes it back to GUEST_RIP only if dirty',
        [`${VMX}:179 where vmx_vcpu_run writes it back, if dirty`],
      ],
    ]);
  });

  it('is not what is marked on its path: before, behind, in a callee, by every caller, or all at once', () =>
    expectMarked(`
static void mark(struct kvm_vcpu *vcpu)
{
	kvm_register_mark_dirty(vcpu, VCPU_REGS_RSP);
}
static int put(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_mark_dirty(vcpu, VCPU_REG_RIP);
	vcpu->arch.rip = val;
	vcpu->arch.regs[VCPU_REGS_RSP] = val;
	mark(vcpu);
	vcpu->arch.cr3 = val;
	if (!val)
		return -1;
	__set_bit(VCPU_REG_CR3, vcpu->arch.regs_dirty);
	return 0;
}
static void reset(struct kvm_vcpu *vcpu)
{
	memset(vcpu->arch.regs, 0, sizeof(vcpu->arch.regs));
	bitmap_fill(vcpu->arch.regs_dirty, NR_VCPU_TOTAL_REGS);
}
static void helper(struct kvm_vcpu *vcpu, unsigned long val)
{
	vcpu->arch.rip = val;
}
static void caller(struct kvm_vcpu *vcpu)
{
	helper(vcpu, 0);
	kvm_register_mark_dirty(vcpu, VCPU_REG_RIP);
}
`));

  it("is not a fill from the hardware's field", () =>
    expectMarked(`
static void refresh(struct kvm_vcpu *vcpu)
{
	vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);
	kvm_register_mark_available(vcpu, VCPU_REG_CR3);
}
`));

  it('is not a write in code of a backend that writes it back in any case', () =>
    expectMarked(
      `
static void skip(struct kvm_vcpu *vcpu)
{
	vcpu->arch.rip = to_svm(vcpu)->vmcb->control.next_rip;
	vcpu->arch.regs[VCPU_REGS_RSP] = 0;
}
`,
      SVM,
    ));

  it('is not what nested code marks available: the VMCS that is made current has it', () =>
    expectMarked(
      `
static void restore(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	vcpu->arch.cr3 = vmcs12->host_cr3;
	kvm_register_mark_available(vcpu, VCPU_REG_CR3);
	vcpu->arch./*!not-marked-dirty*/rip = vmcs12->host_rip;
}
`,
      NESTED,
    ));
});

describe('an unconditional fetch', () => {
  it('is one without a test that the register is not available', () =>
    expectMarked(`
static void fetch(struct kvm_vcpu *vcpu, int nr)
{
	/*!unconditional-fetch*/kvm_x86_call(cache_reg)(vcpu, VCPU_REGS_RSP);
	/*!unconditional-fetch*/vmx_cache_reg(vcpu, VCPU_REG_CR3);
	/*!unconditional-fetch*/kvm_x86_call(cache_reg)(vcpu, nr);
	if (!kvm_register_is_available(vcpu, VCPU_REG_CR3))
		/*!unconditional-fetch*/kvm_x86_call(cache_reg)(vcpu, VCPU_REG_RIP);
}
`));

  it('is none under that test, for what is never written back if dirty, or behind a mark for a reload', () =>
    expectMarked(`
static void fetch(struct kvm_vcpu *vcpu, int nr)
{
	if (!kvm_register_is_available(vcpu, nr))
		kvm_x86_call(cache_reg)(vcpu, nr);
	kvm_x86_call(cache_reg)(vcpu, VCPU_REG_CR0);
	kvm_register_mark_for_reload(vcpu, VCPU_REG_CR3);
	kvm_x86_call(cache_reg)(vcpu, VCPU_REG_CR3);
}
`));

  it.each([
    ['the test by number', '!kvm_register_is_available(vcpu, VCPU_REG_CR3)'],
    ["the bitmap's bit", '!test_bit(VCPU_REG_CR3, (unsigned long *)&vcpu->arch.regs_avail)'],
    ['a mask', '!(vcpu->arch.regs_avail & (1 << VCPU_REG_CR3))'],
  ])('is one of what is written back if available: %s', async (_what, unavailable) => {
    const writeBack = [
      /^void vmx_load_mmu_pgd\(/,
      /!kvm_register_is_dirty\(vcpu, VCPU_REG_CR3\)/,
      unavailable,
    ] as const;
    const fetch = [null, /if \(!kvm_register_is_available\(vcpu, VCPU_REG_CR3\)\)\n/, '\n'] as const;
    expect(await checkedEdits([writeBack])).toEqual([]);
    expect((await checkedEdits([writeBack, fetch])).map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      'unconditional-fetch: CR3 is fetched without a test that it is not available: a value not written back yet would be overwritten',
    ]);
  });

  it('is none in a wrapper that hands the call on', async () => {
    // vt_cache_reg() calls vmx_cache_reg() without a test.
    expect(await checkedEdits([])).toEqual([]);
  });
});

describe('never clean', () => {
  const RUN = /^int vmx_vcpu_run\(/;

  it('is what is written back if dirty where nothing resets the bits', async () => {
    const found = await checkedEdits([[RUN, /kvm_reset_dirty_registers\(vcpu\);/]]);
    expect(found.map(({ rule, file, line }) => [rule, file, line])).toEqual([['never-clean', VMX, 176]]);
  });

  it('is not said of a tree in which nothing is seen to reset them', async () => {
    const reset: Edit = [
      /^static __always_inline void kvm_reset_dirty_registers\(/,
      /vcpu->arch\.regs_dirty\[0\] = 0;/,
    ];
    const reload: Edit = [
      /^static inline void kvm_register_mark_for_reload\(/,
      /__clear_bit\(reg, vcpu->arch\.regs_dirty\);/,
    ];
    expect((await checkedEdits([reset, reload])).filter(({ rule }) => rule === 'never-clean')).toEqual([]);
  });

  it('is not where single bits, or the bitmap by another function, are reset', async () => {
    for (const reset of ['__clear_bit(VCPU_REGS_RSP, vcpu->arch.regs_dirty);', 'vcpu->arch.regs_dirty[0] = 0;'])
      expect(await checkedEdits([[RUN, /kvm_reset_dirty_registers\(vcpu\);/, reset]])).toEqual([]);
  });
});
