/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/kvm_host.h>
#include <asm/fpu/api.h>
#include "kvm_cache_regs.h"

#define KVM_SUPPORTED_XCR0	(XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM | XFEATURE_MASK_BNDREGS |	\
				 XFEATURE_MASK_BNDCSR | XFEATURE_MASK_AVX512 | XFEATURE_MASK_PKRU |	\
				 XFEATURE_MASK_XTILE)

u64 host_xcr0;
u64 host_xss;
u64 supported_xcr0;
u64 supported_xss;

int load_pdptrs(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	u64 pdptrs[4];

	if (kvm_vcpu_read_guest_page(vcpu, cr3 >> PAGE_SHIFT, pdptrs, cr3 & 0xfe0, sizeof(pdptrs)) < 0)
		return 0;

	memcpy(vcpu->arch.pdptrs, pdptrs, sizeof(pdptrs));
	kvm_register_mark_dirty(vcpu, VCPU_EXREG_PDPTR);
	                              //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR mark-dirty
	return 1;
}

void kvm_load_guest_xsave_state(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.guest_state_protected)
		return;

	if (kvm_read_cr4(vcpu) & X86_CR4_OSXSAVE) {
		if (vcpu->arch.xcr0 != host_xcr0)
			xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->arch.xcr0);
		if (vcpu->arch.ia32_xss != host_xss)
			wrmsrl(MSR_IA32_XSS, vcpu->arch.ia32_xss);
	}

	if (vcpu->arch.pkru != vcpu->arch.host_pkru)
		write_pkru(vcpu->arch.pkru);
}

void kvm_load_host_xsave_state(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.guest_state_protected)
		return;

	vcpu->arch.pkru = rdpkru();
	if (vcpu->arch.pkru != vcpu->arch.host_pkru)
		write_pkru(vcpu->arch.host_pkru);

	if (kvm_read_cr4(vcpu) & X86_CR4_OSXSAVE) {
		if (vcpu->arch.xcr0 != host_xcr0)
			xsetbv(XCR_XFEATURE_ENABLED_MASK, host_xcr0);
		if (vcpu->arch.ia32_xss != host_xss)
			wrmsrl(MSR_IA32_XSS, host_xss);
	}
}

int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	if (index != XCR_XFEATURE_ENABLED_MASK || (xcr & ~vcpu->arch.guest_supported_xcr0))
		return 1;

	vcpu->arch.xcr0 = xcr;
	return 0;
}

int kvm_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	if (!load_pdptrs(vcpu, cr3))
		return 1;

	vcpu->arch.cr3 = cr3;
	kvm_register_mark_dirty(vcpu, VCPU_EXREG_CR3);
	return 0;
}

int kvm_emulate_hypercall(struct kvm_vcpu *vcpu)
{
	unsigned long nr = kvm_rax_read(vcpu);
	unsigned long a0 = kvm_rbx_read(vcpu);
	unsigned long a1 = kvm_rcx_read(vcpu);
	unsigned long a2 = kvm_rdx_read(vcpu);
	unsigned long a3 = kvm_rsi_read(vcpu);
	                   //^^^^^^^^^^ ref VCPU_REGS_RSI read

	kvm_rax_write(vcpu, kvm_hypercall_result(vcpu, nr, a0, a1, a2, a3));
	return 1;
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
	static_call(kvm_x86_load_mmu_pgd)(vcpu, 0, 4);
	local_irq_disable();
	static_call(kvm_x86_vcpu_run)(vcpu);
	local_irq_enable();
	return static_call(kvm_x86_handle_exit)(vcpu);
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

int kvm_arch_vcpu_ioctl_get_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	regs->rax = kvm_rax_read(vcpu);
	regs->rbx = kvm_rbx_read(vcpu);
	regs->rcx = kvm_rcx_read(vcpu);
	regs->rdx = kvm_rdx_read(vcpu);
	regs->rsi = kvm_rsi_read(vcpu);
	regs->rdi = kvm_rdi_read(vcpu);
	regs->rsp = kvm_rsp_read(vcpu);
	            //^^^^^^^^^^ ref VCPU_REGS_RSP read
	regs->rbp = kvm_rbp_read(vcpu);
#ifdef CONFIG_X86_64
	regs->r8 = kvm_r8_read(vcpu);
	           //^^^^^^^^^ ref VCPU_REGS_R8 read
	regs->r9 = kvm_r9_read(vcpu);
	regs->r10 = kvm_r10_read(vcpu);
	regs->r11 = kvm_r11_read(vcpu);
	regs->r12 = kvm_r12_read(vcpu);
	regs->r13 = kvm_r13_read(vcpu);
	regs->r14 = kvm_r14_read(vcpu);
	regs->r15 = kvm_r15_read(vcpu);
#endif
	regs->rip = kvm_rip_read(vcpu);
	regs->rflags = static_call(kvm_x86_get_rflags)(vcpu);
	return 0;
}

int kvm_arch_vcpu_ioctl_set_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	kvm_rax_write(vcpu, regs->rax);
	kvm_rbx_write(vcpu, regs->rbx);
	kvm_rcx_write(vcpu, regs->rcx);
	kvm_rdx_write(vcpu, regs->rdx);
	kvm_rsi_write(vcpu, regs->rsi);
	kvm_rdi_write(vcpu, regs->rdi);
	kvm_rsp_write(vcpu, regs->rsp);
	kvm_rbp_write(vcpu, regs->rbp);
#ifdef CONFIG_X86_64
	kvm_r8_write(vcpu, regs->r8);
	kvm_r9_write(vcpu, regs->r9);
	kvm_r10_write(vcpu, regs->r10);
	kvm_r11_write(vcpu, regs->r11);
	kvm_r12_write(vcpu, regs->r12);
	kvm_r13_write(vcpu, regs->r13);
	kvm_r14_write(vcpu, regs->r14);
	kvm_r15_write(vcpu, regs->r15);
#endif
	kvm_rip_write(vcpu, regs->rip);
	static_call(kvm_x86_set_rflags)(vcpu, regs->rflags);
	return 0;
}

void kvm_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	memset(vcpu->arch.regs, 0, sizeof(vcpu->arch.regs));
	kvm_register_mark_dirty(vcpu, VCPU_REGS_RSP);
	                              //^^^^^^^^^^^ ref VCPU_REGS_RSP mark-dirty
	kvm_rdx_write(vcpu, 0x600);
	kvm_rip_write(vcpu, 0xfff0);
	//^^^^^^^^^^^ ref VCPU_REGS_RIP write

	vcpu->arch.xcr0 = XFEATURE_MASK_FP;
	vcpu->arch.cr3 = 0;
	kvm_register_mark_dirty(vcpu, VCPU_EXREG_CR3);
	static_call(kvm_x86_set_rflags)(vcpu, X86_EFLAGS_FIXED);
	static_call(kvm_x86_set_cr0)(vcpu, X86_CR0_NW | X86_CR0_CD | X86_CR0_ET);
	static_call(kvm_x86_set_cr4)(vcpu, 0);
}

/* The buffer holds the guest's fpstate; PKRU's value in it is KVM's. */
static int kvm_vcpu_ioctl_x86_get_xsave2(struct kvm_vcpu *vcpu, u8 *state, unsigned int size)
{
	if (vcpu->arch.guest_state_protected)
		return -EINVAL;

	fpu_copy_guest_fpstate_to_uabi(&vcpu->arch.guest_fpu, state, size, vcpu->arch.guest_supported_xcr0,
				       vcpu->arch.pkru);
	return 0;
}

static int kvm_vcpu_ioctl_x86_set_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *guest_xsave)
{
	if (vcpu->arch.guest_state_protected)
		return -EINVAL;

	return fpu_copy_uabi_to_guest_fpstate(&vcpu->arch.guest_fpu, guest_xsave->region, supported_xcr0,
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
		if (msr_info->data & ~supported_xss)
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

int kvm_arch_init(void *opaque)
{
	if (boot_cpu_has(X86_FEATURE_XSAVE)) {
		host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
		supported_xcr0 = host_xcr0 & KVM_SUPPORTED_XCR0;
	}
	if (boot_cpu_has(X86_FEATURE_XSAVES))
		rdmsrl(MSR_IA32_XSS, host_xss);
	/* No supervisor component is for guests. */
	supported_xss = 0;
	return 0;
}
