/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <asm/kvm_host.h>
#include <asm/fpu/internal.h>
#include "kvm_cache_regs.h"

struct kvm_x86_ops *kvm_x86_ops;
u64 host_xcr0;

#define KVM_SUPPORTED_XCR0	(XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM | XFEATURE_MASK_BNDREGS |	\
				 XFEATURE_MASK_BNDCSR | XFEATURE_MASK_AVX512 | XFEATURE_MASK_PKRU)

int load_pdptrs(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	u64 pdptrs[4];

	if (kvm_read_guest_page(vcpu, cr3 >> PAGE_SHIFT, pdptrs, cr3 & 0xfe0, sizeof(pdptrs)) < 0)
		return 0;

	memcpy(vcpu->arch.pdptrs, pdptrs, sizeof(pdptrs));
	__set_bit(VCPU_EXREG_PDPTR, (unsigned long *)&vcpu->arch.regs_avail);
	          //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR mark-available
	__set_bit(VCPU_EXREG_PDPTR, (unsigned long *)&vcpu->arch.regs_dirty);
	          //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR mark-dirty
	return 1;
}

int kvm_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	if (!load_pdptrs(vcpu, cr3))
		return 1;

	vcpu->arch.cr3 = cr3;
	__set_bit(VCPU_EXREG_CR3, (unsigned long *)&vcpu->arch.regs_avail);
	return 0;
}

void kvm_load_guest_xcr0(struct kvm_vcpu *vcpu)
{
	if (!(kvm_read_cr4(vcpu) & X86_CR4_OSXSAVE) || vcpu->guest_xcr0_loaded)
		return;

	xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->arch.xcr0);
	vcpu->guest_xcr0_loaded = 1;
}

void kvm_put_guest_xcr0(struct kvm_vcpu *vcpu)
{
	if (!vcpu->guest_xcr0_loaded)
		return;

	xsetbv(XCR_XFEATURE_ENABLED_MASK, host_xcr0);
	vcpu->guest_xcr0_loaded = 0;
}

static void kvm_load_guest_fpu(struct kvm_vcpu *vcpu)
{
	copy_fpregs_to_fpstate(&vcpu->arch.user_fpu);
	__copy_kernel_to_fpregs(&vcpu->arch.guest_fpu.state, ~XFEATURE_MASK_PKRU);
}

static void kvm_put_guest_fpu(struct kvm_vcpu *vcpu)
{
	copy_fpregs_to_fpstate(&vcpu->arch.guest_fpu);
	copy_kernel_to_fpregs(&vcpu->arch.user_fpu.state);
}

static int vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	kvm_x86_ops->set_cr3(vcpu, kvm_read_cr3(vcpu));
	local_irq_disable();
	kvm_x86_ops->run(vcpu);
	local_irq_enable();
	return kvm_x86_ops->handle_exit(vcpu);
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
	regs->rax = kvm_register_read(vcpu, VCPU_REGS_RAX);
	regs->rbx = kvm_register_read(vcpu, VCPU_REGS_RBX);
	regs->rcx = kvm_register_read(vcpu, VCPU_REGS_RCX);
	regs->rdx = kvm_register_read(vcpu, VCPU_REGS_RDX);
	regs->rsi = kvm_register_read(vcpu, VCPU_REGS_RSI);
	regs->rdi = kvm_register_read(vcpu, VCPU_REGS_RDI);
	regs->rsp = kvm_register_read(vcpu, VCPU_REGS_RSP);
	                                    //^^^^^^^^^^^ ref VCPU_REGS_RSP read
	regs->rbp = kvm_register_read(vcpu, VCPU_REGS_RBP);
#ifdef CONFIG_X86_64
	regs->r8 = kvm_register_read(vcpu, VCPU_REGS_R8);
	regs->r9 = kvm_register_read(vcpu, VCPU_REGS_R9);
	regs->r10 = kvm_register_read(vcpu, VCPU_REGS_R10);
	regs->r11 = kvm_register_read(vcpu, VCPU_REGS_R11);
	regs->r12 = kvm_register_read(vcpu, VCPU_REGS_R12);
	regs->r13 = kvm_register_read(vcpu, VCPU_REGS_R13);
	regs->r14 = kvm_register_read(vcpu, VCPU_REGS_R14);
	regs->r15 = kvm_register_read(vcpu, VCPU_REGS_R15);
#endif
	regs->rip = kvm_rip_read(vcpu);
	regs->rflags = kvm_x86_ops->get_rflags(vcpu);
	return 0;
}

int kvm_arch_vcpu_ioctl_set_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	kvm_register_write(vcpu, VCPU_REGS_RAX, regs->rax);
	kvm_register_write(vcpu, VCPU_REGS_RBX, regs->rbx);
	kvm_register_write(vcpu, VCPU_REGS_RCX, regs->rcx);
	kvm_register_write(vcpu, VCPU_REGS_RDX, regs->rdx);
	kvm_register_write(vcpu, VCPU_REGS_RSI, regs->rsi);
	kvm_register_write(vcpu, VCPU_REGS_RDI, regs->rdi);
	kvm_register_write(vcpu, VCPU_REGS_RSP, regs->rsp);
	kvm_register_write(vcpu, VCPU_REGS_RBP, regs->rbp);
#ifdef CONFIG_X86_64
	kvm_register_write(vcpu, VCPU_REGS_R8, regs->r8);
	kvm_register_write(vcpu, VCPU_REGS_R9, regs->r9);
	kvm_register_write(vcpu, VCPU_REGS_R10, regs->r10);
	kvm_register_write(vcpu, VCPU_REGS_R11, regs->r11);
	kvm_register_write(vcpu, VCPU_REGS_R12, regs->r12);
	kvm_register_write(vcpu, VCPU_REGS_R13, regs->r13);
	kvm_register_write(vcpu, VCPU_REGS_R14, regs->r14);
	kvm_register_write(vcpu, VCPU_REGS_R15, regs->r15);
	                         //^^^^^^^^^^^ ref VCPU_REGS_R15 write
#endif
	kvm_rip_write(vcpu, regs->rip);
	//^^^^^^^^^^^ ref VCPU_REGS_RIP write
	kvm_x86_ops->set_rflags(vcpu, regs->rflags);
	return 0;
}

void kvm_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	memset(vcpu->arch.regs, 0, sizeof(vcpu->arch.regs));
	vcpu->arch.regs_avail = ~0;
	vcpu->arch.regs_dirty = ~0;
	vcpu->arch.xcr0 = XFEATURE_MASK_FP;

	kvm_x86_ops->vcpu_reset(vcpu, init_event);
	kvm_register_write(vcpu, VCPU_REGS_RDX, 0x600);
	kvm_x86_ops->set_cr0(vcpu, X86_CR0_NW | X86_CR0_CD | X86_CR0_ET);
	kvm_x86_ops->set_cr4(vcpu, 0);
}

u64 kvm_supported_xcr0(void)
{
	u64 xcr0 = KVM_SUPPORTED_XCR0 & host_xcr0;

	if (!kvm_x86_ops->mpx_supported())
		xcr0 &= ~(XFEATURE_MASK_BNDREGS | XFEATURE_MASK_BNDCSR);
	return xcr0;
}

static int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	if (index != XCR_XFEATURE_ENABLED_MASK || (xcr & ~vcpu->arch.guest_supported_xcr0))
		return 1;
	if (!(xcr & XFEATURE_MASK_FP))
		return 1;

	vcpu->arch.xcr0 = xcr;
	return 0;
}

int kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	return kvm_x86_ops->get_cpl(vcpu) != 0 || __kvm_set_xcr(vcpu, index, xcr);
}

/* The guest's state in the standard format; PKRU is KVM's own. */
static void fill_xsave(u8 *dest, struct kvm_vcpu *vcpu)
{
	struct xregs_state *xsave = &vcpu->arch.guest_fpu.state.xsave;

	memcpy(dest, xsave, XSAVE_HDR_OFFSET);
	memcpy(dest + xstate_offset(XFEATURE_PKRU), &vcpu->arch.pkru, sizeof(vcpu->arch.pkru));
}

static void load_xsave(struct kvm_vcpu *vcpu, u8 *src)
{
	struct xregs_state *xsave = &vcpu->arch.guest_fpu.state.xsave;

	memcpy(xsave, src, XSAVE_HDR_OFFSET);
	memcpy(&vcpu->arch.pkru, src + xstate_offset(XFEATURE_PKRU), sizeof(vcpu->arch.pkru));
}

static void kvm_vcpu_ioctl_x86_get_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *guest_xsave)
{
	fill_xsave((u8 *)guest_xsave->region, vcpu);
}

static int kvm_vcpu_ioctl_x86_set_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *guest_xsave)
{
	load_xsave(vcpu, (u8 *)guest_xsave->region);
	return 0;
}

static void kvm_vcpu_ioctl_x86_get_xcrs(struct kvm_vcpu *vcpu, struct kvm_xcrs *guest_xcrs)
{
	guest_xcrs->xcrs[0].value = vcpu->arch.xcr0;
}

static int kvm_vcpu_ioctl_x86_set_xcrs(struct kvm_vcpu *vcpu, struct kvm_xcrs *guest_xcrs)
{
	return __kvm_set_xcr(vcpu, XCR_XFEATURE_ENABLED_MASK, guest_xcrs->xcrs[0].value);
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int ioctl, union kvm_vcpu_argument *u)
{
	switch (ioctl) {
	case KVM_GET_XSAVE:
		kvm_vcpu_ioctl_x86_get_xsave(vcpu, u->xsave);
		return 0;
	case KVM_SET_XSAVE:
		return kvm_vcpu_ioctl_x86_set_xsave(vcpu, u->xsave);
	case KVM_GET_XCRS:
		kvm_vcpu_ioctl_x86_get_xcrs(vcpu, u->xcrs);
		return 0;
	case KVM_SET_XCRS:
		return kvm_vcpu_ioctl_x86_set_xcrs(vcpu, u->xcrs);
	default:
		return -EINVAL;
	}
}

int kvm_arch_init(struct kvm_x86_ops *ops)
{
	kvm_x86_ops = ops;
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	return 0;
}
