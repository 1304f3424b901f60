/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/kvm_host.h>
#include <asm/fpu/api.h>
#include "regs.h"
#include "kvm_emulate.h"

#define KVM_SUPPORTED_XSS	(XFEATURE_MASK_CET_USER | XFEATURE_MASK_CET_KERNEL)

struct kvm_host_values kvm_host;
struct kvm_caps kvm_caps;

int load_pdptrs(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	u64 pdptrs[4];

	if (kvm_vcpu_read_guest_page(vcpu, cr3 >> PAGE_SHIFT, pdptrs, cr3 & 0xfe0, sizeof(pdptrs)) < 0)
		return 0;

	memcpy(vcpu->arch.pdptrs, pdptrs, sizeof(pdptrs));
	kvm_register_mark_dirty(vcpu, VCPU_REG_PDPTR);
	return 1;
}

static void kvm_load_xfeatures(struct kvm_vcpu *vcpu, bool load_guest)
{
	if (vcpu->arch.guest_state_protected || !(kvm_read_cr4(vcpu) & X86_CR4_OSXSAVE))
		return;

	if (vcpu->arch.xcr0 != kvm_host.xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, load_guest ? vcpu->arch.xcr0 : kvm_host.xcr0);
	if (vcpu->arch.ia32_xss != kvm_host.xss)
		wrmsrq(MSR_IA32_XSS, load_guest ? vcpu->arch.ia32_xss : kvm_host.xss);
}

static void kvm_load_guest_pkru(struct kvm_vcpu *vcpu)
{
	if (!vcpu->arch.guest_state_protected && vcpu->arch.pkru != vcpu->arch.host_pkru)
		wrpkru(vcpu->arch.pkru);
}

static void kvm_load_host_pkru(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.guest_state_protected)
		return;

	vcpu->arch.pkru = rdpkru();
	if (vcpu->arch.pkru != vcpu->arch.host_pkru)
		wrpkru(vcpu->arch.host_pkru);
}

int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	if (index != XCR_XFEATURE_ENABLED_MASK || (xcr & ~vcpu->arch.guest_supported_xcr0))
		return 1;
	if ((xcr & XFEATURE_MASK_AVX512) && (xcr & XFEATURE_MASK_AVX512) != XFEATURE_MASK_AVX512)
		return 1;

	vcpu->arch.xcr0 = xcr;
	return 0;
}

void kvm_vcpu_after_set_cpuid(struct kvm_vcpu *vcpu, u64 cpuid_xcr0)
{
	vcpu->arch.guest_supported_xcr0 = cpuid_xcr0 & kvm_caps.supported_xcr0;
}

int kvm_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	if (!load_pdptrs(vcpu, cr3))
		return 1;

	vcpu->arch.cr3 = cr3;
	kvm_register_mark_dirty(vcpu, VCPU_REG_CR3);
	return 0;
}

static unsigned long emulator_read_gpr(struct x86_emulate_ctxt *ctxt, unsigned reg)
{
	return kvm_register_read_raw(ctxt->vcpu, reg);
}

static void emulator_write_gpr(struct x86_emulate_ctxt *ctxt, unsigned reg, unsigned long val)
{
	kvm_register_write_raw(ctxt->vcpu, reg, val);
}

static int emulator_get_xcr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *xcr)
{
	struct kvm_vcpu *vcpu = ctxt->vcpu;

	if (index != XCR_XFEATURE_ENABLED_MASK)
		return 1;

	*xcr = vcpu->arch.xcr0;
	return 0;
}

static const struct x86_emulate_ops emulate_ops = {
	.get_xcr = emulator_get_xcr,
	.read_gpr = emulator_read_gpr,
	.write_gpr = emulator_write_gpr,
};

int kvm_emulate_instruction(struct kvm_vcpu *vcpu)
{
	struct x86_emulate_ctxt *ctxt = vcpu->arch.emulate_ctxt;

	ctxt->ops = &emulate_ops;
	ctxt->_eip = kvm_rip_read(vcpu);
	return x86_decode_insn(ctxt);
}

int kvm_emulate_hypercall(struct kvm_vcpu *vcpu)
{
	unsigned long nr = kvm_rax_read(vcpu);
	unsigned long a0 = kvm_rbx_read(vcpu);
	unsigned long a1 = kvm_rcx_read(vcpu);
	unsigned long a2 = kvm_rdx_read(vcpu);
	unsigned long a3 = kvm_rsi_read(vcpu);

	kvm_rax_write_raw(vcpu, kvm_hypercall_result(vcpu, nr, a0, a1, a2, a3));
	return 1;
}

int kvm_emulate_rdmsr(struct kvm_vcpu *vcpu)
{
	u64 data;

	if (kvm_get_msr(vcpu, kvm_ecx_read(vcpu), &data))
		return 0;

	kvm_eax_write(vcpu, data);
	kvm_edx_write(vcpu, data >> 32);
	return 1;
}

int kvm_emulate_wrmsr(struct kvm_vcpu *vcpu)
{
	return !kvm_set_msr(vcpu, kvm_ecx_read(vcpu), kvm_read_edx_eax(vcpu));
	                          //^^^^^^^^^^ ref VCPU_REGS_RCX read
}

static void kvm_load_guest_fpu(struct kvm_vcpu *vcpu)
{
	fpu_swap_kvm_fpstate(&vcpu->arch.guest_fpu, true);
}

static void kvm_put_guest_fpu(struct kvm_vcpu *vcpu)
{
	fpu_swap_kvm_fpstate(&vcpu->arch.guest_fpu, false);
}

static int vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	kvm_x86_call(load_mmu_pgd)(vcpu, 0, 4);

	local_irq_disable();
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
	kvm_load_xfeatures(vcpu, true);
	kvm_load_guest_pkru(vcpu);
	kvm_x86_call(vcpu_run)(vcpu, 0);
	kvm_load_host_pkru(vcpu);
	kvm_load_xfeatures(vcpu, false);
	if (vcpu->arch.xfd_no_write_intercept)
		fpu_sync_guest_vmexit_xfd_state();
	local_irq_enable();

	return kvm_x86_call(handle_exit)(vcpu);
}

int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu)
{
	int r;

	kvm_load_guest_fpu(vcpu);
	do
		r = vcpu_enter_guest(vcpu);
	while (r > 0);
	kvm_put_guest_fpu(vcpu);
	return r;
}

static void __get_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	regs->rax = kvm_rax_read_raw(vcpu);
	            //^^^^^^^^^^^^^^ ref VCPU_REGS_RAX read
	regs->rbx = kvm_rbx_read_raw(vcpu);
	regs->rcx = kvm_rcx_read_raw(vcpu);
	regs->rdx = kvm_rdx_read_raw(vcpu);
	regs->rsi = kvm_rsi_read_raw(vcpu);
	regs->rdi = kvm_rdi_read_raw(vcpu);
	regs->rsp = kvm_rsp_read(vcpu);
	regs->rbp = kvm_rbp_read_raw(vcpu);
#ifdef CONFIG_X86_64
	regs->r8 = kvm_r8_read_raw(vcpu);
	           //^^^^^^^^^^^^^ ref VCPU_REGS_R8 read
	regs->r9 = kvm_r9_read_raw(vcpu);
	regs->r10 = kvm_r10_read_raw(vcpu);
	regs->r11 = kvm_r11_read_raw(vcpu);
	regs->r12 = kvm_r12_read_raw(vcpu);
	regs->r13 = kvm_r13_read_raw(vcpu);
	regs->r14 = kvm_r14_read_raw(vcpu);
	regs->r15 = kvm_r15_read_raw(vcpu);
#endif
	regs->rip = kvm_rip_read(vcpu);
	regs->rflags = kvm_x86_call(get_rflags)(vcpu);
}

static void __set_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	kvm_rax_write_raw(vcpu, regs->rax);
	kvm_rbx_write_raw(vcpu, regs->rbx);
	kvm_rcx_write_raw(vcpu, regs->rcx);
	kvm_rdx_write_raw(vcpu, regs->rdx);
	kvm_rsi_write_raw(vcpu, regs->rsi);
	kvm_rdi_write_raw(vcpu, regs->rdi);
	kvm_rsp_write(vcpu, regs->rsp);
	kvm_rbp_write_raw(vcpu, regs->rbp);
#ifdef CONFIG_X86_64
	kvm_r8_write_raw(vcpu, regs->r8);
	kvm_r9_write_raw(vcpu, regs->r9);
	kvm_r10_write_raw(vcpu, regs->r10);
	kvm_r11_write_raw(vcpu, regs->r11);
	kvm_r12_write_raw(vcpu, regs->r12);
	kvm_r13_write_raw(vcpu, regs->r13);
	kvm_r14_write_raw(vcpu, regs->r14);
	kvm_r15_write_raw(vcpu, regs->r15);
#endif
	kvm_rip_write(vcpu, regs->rip);
	kvm_x86_call(set_rflags)(vcpu, regs->rflags);
}

int kvm_arch_vcpu_ioctl_get_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	if (vcpu->arch.guest_state_protected)
		return -EINVAL;

	__get_regs(vcpu, regs);
	return 0;
}

int kvm_arch_vcpu_ioctl_set_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	if (vcpu->arch.guest_state_protected)
		return -EINVAL;

	__set_regs(vcpu, regs);
	return 0;
}

void kvm_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	__kvm_set_xcr(vcpu, 0, XFEATURE_MASK_FP);

	memset(vcpu->arch.regs, 0, sizeof(vcpu->arch.regs));
	kvm_register_mark_dirty(vcpu, VCPU_REGS_RSP);
	                              //^^^^^^^^^^^ ref VCPU_REGS_RSP mark-dirty
	kvm_edx_write(vcpu, 0x600);

	kvm_x86_call(vcpu_reset)(vcpu, init_event);
	kvm_x86_call(set_rflags)(vcpu, X86_EFLAGS_FIXED);
	kvm_rip_write(vcpu, 0xfff0);

	vcpu->arch.cr3 = 0;
	kvm_register_mark_dirty(vcpu, VCPU_REG_CR3);
	kvm_x86_call(set_cr0)(vcpu, X86_CR0_NW | X86_CR0_CD | X86_CR0_ET);
	kvm_x86_call(set_cr4)(vcpu, 0);
}

#ifdef CONFIG_KVM_APX
#define VCPU_EGPRS_PTR(vcpu) (&(vcpu)->arch.regs[VCPU_REGS_R16])
#else
#define VCPU_EGPRS_PTR(vcpu) NULL
#endif

/* R16-R31 are in regs[]: their area of the buffer is not the fpstate's. */
static void kvm_copy_vcpu_regs_to_uabi(struct kvm_vcpu *vcpu, u8 *state)
{
	struct xregs_state *xsave = (struct xregs_state *)state;
	void *egprs = VCPU_EGPRS_PTR(vcpu);

	if (!egprs || !(vcpu->arch.guest_supported_xcr0 & XFEATURE_MASK_APX))
		return;

	memcpy(state + xstate_offset(XFEATURE_APX), egprs, xstate_size(XFEATURE_APX));
	xsave->header.xfeatures |= XFEATURE_MASK_APX;
}

static void kvm_copy_uabi_to_vcpu_regs(struct kvm_vcpu *vcpu, const u8 *state)
{
	const struct xregs_state *xsave = (const struct xregs_state *)state;
	void *egprs = VCPU_EGPRS_PTR(vcpu);

	if (egprs && (xsave->header.xfeatures & XFEATURE_MASK_APX))
		memcpy(egprs, state + xstate_offset(XFEATURE_APX), xstate_size(XFEATURE_APX));
}

/* The buffer holds the guest's fpstate; the values of PKRU and of R16-R31 in it are KVM's. */
static int kvm_vcpu_ioctl_x86_get_xsave2(struct kvm_vcpu *vcpu, u8 *state, unsigned int size)
{
	if (vcpu->arch.guest_state_protected)
		return -EINVAL;

	fpu_copy_guest_fpstate_to_uabi(&vcpu->arch.guest_fpu, state, size,
				       vcpu->arch.guest_supported_xcr0 & ~XFEATURE_MASK_APX, vcpu->arch.pkru);
	kvm_copy_vcpu_regs_to_uabi(vcpu, state);
	return 0;
}

static int kvm_vcpu_ioctl_x86_set_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *guest_xsave)
{
	if (vcpu->arch.guest_state_protected)
		return -EINVAL;

	kvm_copy_uabi_to_vcpu_regs(vcpu, (u8 *)guest_xsave->region);
	return fpu_copy_uabi_to_guest_fpstate(&vcpu->arch.guest_fpu, guest_xsave->region, kvm_caps.supported_xcr0,
					      &vcpu->arch.pkru);
}

static void kvm_vcpu_ioctl_x86_get_xcrs(struct kvm_vcpu *vcpu, struct kvm_xcrs *guest_xcrs)
{
	guest_xcrs->nr_xcrs = 1;
	guest_xcrs->xcrs[0].xcr = XCR_XFEATURE_ENABLED_MASK;
	guest_xcrs->xcrs[0].value = vcpu->arch.xcr0;
}

static int kvm_vcpu_ioctl_x86_set_xcrs(struct kvm_vcpu *vcpu, struct kvm_xcrs *guest_xcrs)
{
	if (guest_xcrs->nr_xcrs != 1)
		return -EINVAL;

	return __kvm_set_xcr(vcpu, guest_xcrs->xcrs[0].xcr, guest_xcrs->xcrs[0].value);
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int ioctl, void __user *argp)
{
	union {
		struct kvm_xsave *xsave;
		struct kvm_xcrs *xcrs;
		void *buffer;
	} u;
	int size = vcpu->arch.guest_fpu.uabi_size;
	int r = -EINVAL;

	u.buffer = memdup_user(argp, size);
	if (IS_ERR(u.buffer))
		return PTR_ERR(u.buffer);

	switch (ioctl) {
	case KVM_GET_XSAVE:
		r = kvm_vcpu_ioctl_x86_get_xsave2(vcpu, (void *)u.xsave->region, sizeof(u.xsave->region));
		break;
	case KVM_GET_XSAVE2:
		r = kvm_vcpu_ioctl_x86_get_xsave2(vcpu, u.buffer, size);
		break;
	case KVM_SET_XSAVE:
		r = kvm_vcpu_ioctl_x86_set_xsave(vcpu, u.xsave);
		break;
	case KVM_GET_XCRS:
		kvm_vcpu_ioctl_x86_get_xcrs(vcpu, u.xcrs);
		r = 0;
		break;
	case KVM_SET_XCRS:
		r = kvm_vcpu_ioctl_x86_set_xcrs(vcpu, u.xcrs);
		break;
	}
	if (!r && copy_to_user(argp, u.buffer, size))
		r = -EFAULT;

	kfree(u.buffer);
	return r;
}

int kvm_set_msr_common(struct kvm_vcpu *vcpu, struct msr_data *msr_info)
{
	switch (msr_info->index) {
	case MSR_IA32_XSS:
		if (msr_info->data & ~kvm_caps.supported_xss)
			return 1;
		vcpu->arch.ia32_xss = msr_info->data;
		return 0;
	case MSR_IA32_XFD:
		fpu_update_guest_xfd(&vcpu->arch.guest_fpu, msr_info->data);
		return 0;
	default:
		return 1;
	}
}

void kvm_arch_vcpu_load(struct kvm_vcpu *vcpu, int cpu)
{
	vcpu->arch.host_pkru = read_pkru();
}

int kvm_x86_vendor_init(struct kvm_x86_ops *ops)
{
	const u64 KVM_SUPPORTED_XCR0 = XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM | XFEATURE_MASK_BNDREGS |
				       XFEATURE_MASK_BNDCSR | XFEATURE_MASK_AVX512 | XFEATURE_MASK_PKRU |
				       XFEATURE_MASK_XTILE;
	int r;

	if (boot_cpu_has(X86_FEATURE_XSAVE)) {
		kvm_host.xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
		kvm_caps.supported_xcr0 = kvm_host.xcr0 & KVM_SUPPORTED_XCR0;
		if (IS_ENABLED(CONFIG_KVM_APX))
			kvm_caps.supported_xcr0 |= kvm_host.xcr0 & XFEATURE_MASK_APX;
	}
	if (boot_cpu_has(X86_FEATURE_XSAVES)) {
		rdmsrq(MSR_IA32_XSS, kvm_host.xss);
		kvm_caps.supported_xss = kvm_host.xss & KVM_SUPPORTED_XSS;
	}
	if (!kvm_cpu_cap_has(X86_FEATURE_SHSTK))
		kvm_caps.supported_xss &= ~(XFEATURE_MASK_CET_USER | XFEATURE_MASK_CET_KERNEL);

	r = ops->hardware_setup();
	if (r)
		return r;

	kvm_ops_update(ops);
	return 0;
}
