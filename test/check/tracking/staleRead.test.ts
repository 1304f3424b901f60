import { describe, expect, it } from 'vitest';
import { checkedEdits, expectMarked, COMMON, NESTED, SVM } from './checked.js';

describe('a stale read', () => {
  it('is a read of a lazy slot, field or number without a test', () =>
    expectMarked(`
static unsigned long stack_of(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.regs[/*!stale-read*/VCPU_REGS_RSP];
}
static unsigned long code_of(struct kvm_vcpu *vcpu)
{
	return vcpu->arch./*!stale-read*/rip + vcpu->arch./*!stale-read*/pdptrs[0];
}
static unsigned long any_of(struct kvm_vcpu *vcpu, int nr)
{
	return vcpu->arch.regs[/*!stale-read*/nr];
}
`));

  it("is none of a number that is no lazy register's: one counted from a later one, or a loop over others", () =>
    expectMarked(`
static unsigned long later_of(struct kvm_vcpu *vcpu, int nr)
{
	return vcpu->arch.regs[VCPU_REGS_R15 + nr] + vcpu->arch.regs[/*!stale-read*/VCPU_REGS_RAX + nr];
}
static unsigned long some_of(struct kvm_vcpu *vcpu)
{
	unsigned long sum = 0;
	int i;

	for (i = VCPU_REGS_R8; i <= VCPU_REGS_R15; i++)
		sum += vcpu->arch.regs[i];
	for (i = VCPU_REGS_RAX; i <= VCPU_REGS_R15; i++)
		sum += vcpu->arch.regs[/*!stale-read*/i];
	return sum;
}
`));

  it('is one in code that all backends share', () =>
    expectMarked(
      `
static unsigned long paging_of(struct kvm_vcpu *vcpu)
{
	return vcpu->arch./*!stale-read*/cr3;
}
`,
      COMMON,
    ));

  it('is none where a vCPU is made, unless other code comes there too', () =>
    expectMarked(
      `
static void init(struct kvm_vcpu *vcpu)
{
	f(vcpu->arch.cr3);
}
static void init_or_load(struct kvm_vcpu *vcpu)
{
	f(vcpu->arch./*!stale-read*/cr3);
}
int kvm_arch_vcpu_create(struct kvm_vcpu *vcpu)
{
	init(vcpu);
	init_or_load(vcpu);
	return 0;
}
void kvm_arch_vcpu_load(struct kvm_vcpu *vcpu)
{
	init_or_load(vcpu);
}
`,
      COMMON,
    ));

  it('is one under a test of another register, or of the wrong sense', () =>
    expectMarked(`
static void write_back(struct kvm_vcpu *vcpu)
{
	if (kvm_register_is_dirty(vcpu, VCPU_REG_RIP))
		vmcs_writel(GUEST_RSP, vcpu->arch.regs[/*!stale-read*/VCPU_REGS_RSP]);
	if (!kvm_register_is_available(vcpu, VCPU_REG_CR3))
		vmcs_writel(GUEST_CR3, vcpu->arch./*!stale-read*/cr3);
}
`));

  it('is one behind a fill of the other branch or case only', () =>
    expectMarked(`
static unsigned long branch(struct kvm_vcpu *vcpu, int which)
{
	if (which)
		kvm_rip_read(vcpu);
	else
		return vcpu->arch./*!stale-read*/rip;
	switch (which) {
	case 1:
		kvm_rsp_read(vcpu);
		break;
	case 2:
		return vcpu->arch.regs[/*!stale-read*/VCPU_REGS_RSP];
	}
	return 0;
}
`));

  it('is reported once for a register in a function', () =>
    expectMarked(`
static unsigned long twice(struct kvm_vcpu *vcpu)
{
	unsigned long first = vcpu->arch./*!stale-read*/rip;

	return first + vcpu->arch.rip;
}
`));

  it('is an accessor that a macro makes for a lazy register', async () => {
    const found = await checkedEdits([
      [null, /__BUILD_KVM_GPR_ACCESSORS\(r8, R8\)/, '$& __BUILD_KVM_GPR_ACCESSORS(rsp, RSP)'],
    ]);
    const reads = found.filter(({ rule }) => rule === 'stale-read');
    expect(reads.map(({ message }) => message)).toEqual([
      'kvm_rsp_read_raw reads RSP from the cache, but it may still be in the VMCS (GUEST_RSP): no availability test in it',
    ]);
    expect(reads.map(({ file }) => file)).toEqual(['arch/x86/kvm/regs.h']);
  });

  it('says where the register still is, what makes it lazy and what fetches it', async () => {
    const [found, ...others] = await checkedEdits([
      [/^int vmx_vcpu_run\(/, /if \(kvm_register_is_dirty\(vcpu, VCPU_REGS_RSP\)\)/],
    ]);
    expect(others).toEqual([]);
    expect(found?.message).toBe(
      'RSP is read from the cache, but may still be in the VMCS (GUEST_RSP): no availability test or fill before it',
    );
    expect(found?.related).toEqual([
      'arch/x86/kvm/vmx/vmx.h:31 the set that makes it lazy',
      'arch/x86/kvm/vmx/vmx.c:165 where vmx_vcpu_enter_exit makes it unavailable',
      'arch/x86/kvm/vmx/vmx.c:36 where vmx_cache_reg fetches it',
    ]);
  });
});

describe('no stale read', () => {
  it('under a test that it is available, or dirty', () =>
    expectMarked(`
static void tested(struct kvm_vcpu *vcpu)
{
	if (kvm_register_is_available(vcpu, VCPU_REGS_RSP))
		vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);
	if (!kvm_register_is_dirty(vcpu, VCPU_REG_RIP))
		return;
	vmcs_writel(GUEST_RIP, vcpu->arch.rip);
	if (test_bit(VCPU_REG_CR3, vcpu->arch.regs_avail))
		vmcs_writel(GUEST_CR3, vcpu->arch.cr3);
}
`));

  it('behind a fetch, an accessor, a write or a mark, here or in what is called', () =>
    expectMarked(`
static unsigned long look(struct kvm_vcpu *vcpu)
{
	return kvm_read_cr3(vcpu);
}
static unsigned long filled(struct kvm_vcpu *vcpu, unsigned long val)
{
	if (!kvm_register_is_available(vcpu, VCPU_REGS_RSP))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REGS_RSP);
	val += vcpu->arch.regs[VCPU_REGS_RSP];
	kvm_rip_write(vcpu, val);
	val += vcpu->arch.rip;
	look(vcpu);
	val += vcpu->arch.cr3;
	kvm_pdptr_read(vcpu, 0);
	return val + vcpu->arch.pdptrs[1];
}
`));

  it('behind a mark of registers that only run time knows, here or in what is called', () =>
    expectMarked(`
static void mark(struct kvm_vcpu *vcpu, unsigned long filled)
{
	vcpu->arch.regs_avail[0] |= filled;
}
static unsigned long marked(struct kvm_vcpu *vcpu, unsigned long filled)
{
	vcpu->arch.regs_avail[0] |= filled;
	return vcpu->arch.cr3;
}
static unsigned long marked_by_another(struct kvm_vcpu *vcpu, unsigned long filled)
{
	mark(vcpu, filled);
	return vcpu->arch.rip;
}
static unsigned long marked_later(struct kvm_vcpu *vcpu, unsigned long filled)
{
	unsigned long cr3 = vcpu->arch./*!stale-read*/cr3;

	mark(vcpu, filled);
	return cr3;
}
`));

  it('in a helper that is called behind a fill or a test only', () =>
    expectMarked(`
static unsigned long helper(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.rip;
}
static unsigned long first(struct kvm_vcpu *vcpu)
{
	unsigned long rip = kvm_rip_read(vcpu);

	return rip + helper(vcpu);
}
static unsigned long second(struct kvm_vcpu *vcpu)
{
	return kvm_register_is_dirty(vcpu, VCPU_REG_RIP) ? helper(vcpu) : 0;
}
`));

  it('unless one of its callers does neither', () =>
    expectMarked(`
static unsigned long helper(struct kvm_vcpu *vcpu)
{
	return vcpu->arch./*!stale-read*/rip;
}
static unsigned long first(struct kvm_vcpu *vcpu)
{
	unsigned long rip = kvm_rip_read(vcpu);

	return rip + helper(vcpu);
}
static unsigned long second(struct kvm_vcpu *vcpu)
{
	return helper(vcpu);
}
`));

  it('in code of a backend that copies the register at once', () =>
    expectMarked(
      `
static unsigned long eager(struct kvm_vcpu *vcpu)
{
	return to_svm(vcpu)->vmcb->save.rax + vcpu->arch.regs[VCPU_REGS_RSP] + vcpu->arch.rip;
}
`,
      SVM,
    ));

  it('in a function that copies the register from hardware, or goes on to write it', () =>
    expectMarked(`
static void refresh(struct kvm_vcpu *vcpu, unsigned long owned)
{
	vcpu->arch.cr4 &= ~owned;
	vcpu->arch.cr4 |= vmcs_readl(GUEST_CR4) & owned;
}
static bool set(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	unsigned long old = vcpu->arch.cr4;

	vmx_set_cr4(vcpu, cr4);
	vcpu->arch.cr4 = cr4;
	return old != cr4;
}
`));

  it('of bits that no guest owns, where only guest-owned bits are lazy', () =>
    expectMarked(`
static bool has_umip(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.cr4 & X86_CR4_UMIP;
}
static bool has_pge(struct kvm_vcpu *vcpu)
{
	return vcpu->arch./*!stale-read*/cr4 & X86_CR4_PGE;
}
static bool has(struct kvm_vcpu *vcpu, unsigned long mask)
{
	return vcpu->arch./*!stale-read*/cr4 & mask;
}
`));

  it('of a register that is lazy under a condition, where L1 and L2 are switched', () =>
    expectMarked(
      `
static int check_pages(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	return vmcs12->guest_cr3 ? load_pdptrs(vcpu, vcpu->arch.cr3) : vcpu->arch./*!stale-read*/rip;
}
`,
      NESTED,
    ));

  it('under a condition that excludes the one under which the register is lazy', async () => {
    await expectMarked(
      `
static void stuff(struct kvm_vcpu *vcpu, bool early)
{
	if (!enable_ept && !early)
		vmcs_writel(GUEST_CR3, vcpu->arch.cr3);
	if (enable_ept)
		return;
	vmcs_writel(GUEST_CR3, vcpu->arch.cr3);
}
static void stuff_any(struct kvm_vcpu *vcpu, bool early)
{
	if (!enable_ept || early)
		vmcs_writel(GUEST_CR3, vcpu->arch./*!stale-read*/cr3);
}
`,
      'arch/x86/kvm/vmx.c',
      'inline-asm',
    );
    await expectMarked(`
static unsigned long shadowed(struct kvm_vcpu *vcpu)
{
	return to_vmx(vcpu)->exec_control & CPU_BASED_CR3_LOAD_EXITING ? vcpu->arch.cr3 : 0;
}
static unsigned long lazy(struct kvm_vcpu *vcpu)
{
	return to_vmx(vcpu)->exec_control & CPU_BASED_CR3_LOAD_EXITING ? 0 : vcpu->arch./*!stale-read*/cr3;
}
`);
  });

  it('where only the size is asked for', () =>
    expectMarked(`
static int sizes(struct kvm_vcpu *vcpu)
{
	return sizeof(vcpu->arch.pdptrs) / ARRAY_SIZE(vcpu->arch.pdptrs);
}
`));
});
