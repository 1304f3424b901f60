/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/kvm_host.h>
#include <asm/fpu/api.h>
#include "regs.h"
#include "fpu.h"

#define KVM_SUPPORTED_XCR0 (XFEATURE_MASK_FP | XFEATURE_MASK_SSE | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU | XFEATURE_MASK_APX)

struct kvm_host_values kvm_host;
struct kvm_caps kvm_caps;

static void kvm_load_xfeatures(struct kvm_vcpu *vcpu, bool load_guest)
{
	if (vcpu->arch.xcr0 != kvm_host.xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, load_guest ? vcpu->arch.xcr0 : kvm_host.xcr0);
}

int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	if (index != XCR_XFEATURE_ENABLED_MASK || (xcr & ~vcpu->arch.guest_supported_xcr0))
		return 1;

	vcpu->arch.xcr0 = xcr;
	return 0;
}

void kvm_x86_vendor_init(void)
{
	kvm_host.xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & KVM_SUPPORTED_XCR0;
}

#ifdef CONFIG_KVM_APX
/* As bytes: assemblers before binutils 2.43 do not know R16-R31. mov %r16..%r31, %rax */
static unsigned long __read_egpr(int reg)
{
	unsigned long val = 0;

	switch (reg) {
	case __VCPU_XREG_R16:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xc0" : "=a"(val));
		break;
	case __VCPU_XREG_R17:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xc8" : "=a"(val));
		break;
	case __VCPU_XREG_R18:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xd0" : "=a"(val));
		break;
	case __VCPU_XREG_R19:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xd8" : "=a"(val));
		break;
	case __VCPU_XREG_R20:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xe0" : "=a"(val));
		break;
	case __VCPU_XREG_R21:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xe8" : "=a"(val));
		break;
	case __VCPU_XREG_R22:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xf0" : "=a"(val));
		break;
	case __VCPU_XREG_R23:
		asm volatile(".byte 0xd5, 0x48, 0x89, 0xf8" : "=a"(val));
		break;
	case __VCPU_XREG_R24:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xc0" : "=a"(val));
		break;
	case __VCPU_XREG_R25:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xc8" : "=a"(val));
		break;
	case __VCPU_XREG_R26:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xd0" : "=a"(val));
		break;
	case __VCPU_XREG_R27:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xd8" : "=a"(val));
		break;
	case __VCPU_XREG_R28:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xe0" : "=a"(val));
		break;
	case __VCPU_XREG_R29:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xe8" : "=a"(val));
		break;
	case __VCPU_XREG_R30:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xf0" : "=a"(val));
		break;
	case __VCPU_XREG_R31:
		asm volatile(".byte 0xd5, 0x4c, 0x89, 0xf8" : "=a"(val));
		break;
	}
	return val;
}

/* mov %rax, %r16..%r31 */
static void __write_egpr(int reg, unsigned long val)
{
	switch (reg) {
	case __VCPU_XREG_R16:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc0" : : "a"(val));
		break;
	case __VCPU_XREG_R17:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc1" : : "a"(val));
		break;
	case __VCPU_XREG_R18:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc2" : : "a"(val));
		break;
	case __VCPU_XREG_R19:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc3" : : "a"(val));
		break;
	case __VCPU_XREG_R20:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc4" : : "a"(val));
		break;
	case __VCPU_XREG_R21:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc5" : : "a"(val));
		break;
	case __VCPU_XREG_R22:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc6" : : "a"(val));
		break;
	case __VCPU_XREG_R23:
		asm volatile(".byte 0xd5, 0x18, 0x89, 0xc7" : : "a"(val));
		break;
	case __VCPU_XREG_R24:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc0" : : "a"(val));
		break;
	case __VCPU_XREG_R25:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc1" : : "a"(val));
		break;
	case __VCPU_XREG_R26:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc2" : : "a"(val));
		break;
	case __VCPU_XREG_R27:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc3" : : "a"(val));
		break;
	case __VCPU_XREG_R28:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc4" : : "a"(val));
		break;
	case __VCPU_XREG_R29:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc5" : : "a"(val));
		break;
	case __VCPU_XREG_R30:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc6" : : "a"(val));
		break;
	case __VCPU_XREG_R31:
		asm volatile(".byte 0xd5, 0x19, 0x89, 0xc7" : : "a"(val));
		break;
	}
}

static unsigned long kvm_read_egpr(int reg)
{
	unsigned long val;

	if (WARN_ON_ONCE(!cpu_has_xfeatures(XFEATURE_MASK_APX, NULL)))
		return 0;

	kvm_fpu_get();
	val = __read_egpr(reg);
	kvm_fpu_put();
	return val;
}

static void kvm_write_egpr(int reg, unsigned long val)
{
	if (WARN_ON_ONCE(!cpu_has_xfeatures(XFEATURE_MASK_APX, NULL)))
		return;

	kvm_fpu_get();
	__write_egpr(reg, val);
	kvm_fpu_put();
}

unsigned long kvm_gpr_read(struct kvm_vcpu *vcpu, int reg)
{
	return reg < VCPU_XREG_R16 ? kvm_register_read_raw(vcpu, reg) : kvm_read_egpr(reg);
}

void kvm_gpr_write(struct kvm_vcpu *vcpu, int reg, unsigned long val)
{
	if (reg < VCPU_XREG_R16)
		kvm_register_write_raw(vcpu, reg, val);
	else
		kvm_write_egpr(reg, val);
}
#endif

int kvm_emulate_xsetbv(struct kvm_vcpu *vcpu)
{
	u64 value = kvm_rax_read(vcpu) | kvm_rdx_read(vcpu) << 32;
	            //^^^^^^^^^^ ref VCPU_REGS_RAX read
	                                 //^^^^^^^^^^ ref VCPU_REGS_RDX read

	return __kvm_set_xcr(vcpu, kvm_rcx_read(vcpu), value);
	                           //^^^^^^^^^^ ref VCPU_REGS_RCX read
}

static int vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	local_irq_disable();
	kvm_load_xfeatures(vcpu, true);
	kvm_x86_call(vcpu_run)(vcpu, 0);
	kvm_load_xfeatures(vcpu, false);
	local_irq_enable();

	return kvm_x86_call(handle_exit)(vcpu);
}

int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu)
{
	int r;

	fpu_swap_kvm_fpstate(&vcpu->arch.guest_fpu, true);
	do
		r = vcpu_enter_guest(vcpu);
	while (r > 0);
	fpu_swap_kvm_fpstate(&vcpu->arch.guest_fpu, false);
	return r;
}

static void kvm_vcpu_ioctl_x86_get_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	fpu_copy_guest_fpstate_to_uabi(&vcpu->arch.guest_fpu, xsave->region, sizeof(xsave->region),
				       vcpu->arch.guest_supported_xcr0, vcpu->arch.pkru);
}

static int kvm_vcpu_ioctl_x86_set_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	return fpu_copy_uabi_to_guest_fpstate(&vcpu->arch.guest_fpu, xsave->region,
					      kvm_caps.supported_xcr0, &vcpu->arch.pkru);
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int ioctl, struct kvm_xsave *xsave)
{
	switch (ioctl) {
	case KVM_GET_XSAVE:
		kvm_vcpu_ioctl_x86_get_xsave(vcpu, xsave);
		return 0;
	case KVM_SET_XSAVE:
		return kvm_vcpu_ioctl_x86_set_xsave(vcpu, xsave);
	default:
		return -EINVAL;
	}
}
