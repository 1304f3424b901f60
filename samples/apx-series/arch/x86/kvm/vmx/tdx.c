/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "vmx.h"
#include "tdx.h"
#include "x86_ops.h"

/* What KVM may still look at after a TD has run: hardware and the TDX module keep the rest. */
#define TDX_REGS_AVAIL_SET	(BIT(VCPU_REG_EXIT_INFO_1) |	\
				 BIT(VCPU_REG_EXIT_INFO_2) |	\
				 BIT(VCPU_REGS_RAX) |		\
				 BIT(VCPU_REGS_RBX) |		\
				 BIT(VCPU_REGS_RCX) |		\
				 BIT(VCPU_REGS_RDX) |		\
				 BIT(VCPU_REGS_RBP) |		\
				 BIT(VCPU_REGS_RSI) |		\
				 BIT(VCPU_REGS_RDI) |		\
				 BIT(VCPU_REGS_R8) |		\
				 BIT(VCPU_REGS_R9) |		\
				 BIT(VCPU_REGS_R10) |		\
				 BIT(VCPU_REGS_R11) |		\
				 BIT(VCPU_REGS_R12) |		\
				 BIT(VCPU_REGS_R13) |		\
				 BIT(VCPU_REGS_R14) |		\
				 BIT(VCPU_REGS_R15))
				     //^^^^^^^^^^^ ref VCPU_REGS_R15 mask

/* The TDX module zeroes or resets XCR0, XSS and PKRU: put the host's back. */
static void tdx_load_host_xsave_state(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.host_pkru)
		wrpkru(vcpu->arch.host_pkru);
	xsetbv(XCR_XFEATURE_ENABLED_MASK, kvm_host.xcr0);
	wrmsrq(MSR_IA32_XSS, kvm_host.xss);
}

static noinstr void tdx_vcpu_enter_exit(struct kvm_vcpu *vcpu)
{
	struct vcpu_tdx *tdx = to_tdx(vcpu);

	tdx->vp_enter_ret = tdh_vp_enter(&tdx->vp, &tdx->vp_enter_args);

	/* RCX, R8 and R9 here are the TDX module's answer, not the guest's registers. */
	tdx->vt.exit_qualification = tdx->vp_enter_args.rcx;
	tdx->exit_gpa = tdx->vp_enter_args.r8;
	tdx->vt.exit_intr_info = tdx->vp_enter_args.r9;
	tdx->vt.exit_reason = tdx->vp_enter_ret;
}

int tdx_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	tdx_vcpu_enter_exit(vcpu);
	tdx_load_host_xsave_state(vcpu);
	kvm_clear_available_registers(vcpu, ~TDX_REGS_AVAIL_SET);
	return 0;
}

/* A hypercall's arguments: R10 to R14 of the guest, in the slots of the usual convention. */
static int tdx_emulate_vmcall(struct kvm_vcpu *vcpu)
{
	kvm_rax_write_raw(vcpu, to_tdx(vcpu)->vp_enter_args.r10);
	//^^^^^^^^^^^^^^^ ref VCPU_REGS_RAX write
	kvm_rbx_write_raw(vcpu, to_tdx(vcpu)->vp_enter_args.r11);
	kvm_rcx_write_raw(vcpu, to_tdx(vcpu)->vp_enter_args.r12);
	kvm_rdx_write_raw(vcpu, to_tdx(vcpu)->vp_enter_args.r13);
	kvm_rsi_write_raw(vcpu, to_tdx(vcpu)->vp_enter_args.r14);
	//^^^^^^^^^^^^^^^ ref VCPU_REGS_RSI write

	return kvm_emulate_hypercall(vcpu);
}

static int tdx_complete_rdmsr(struct kvm_vcpu *vcpu)
{
	to_tdx(vcpu)->vp_enter_args.r11 = kvm_read_edx_eax(vcpu);
	return 1;
}

/* CPUID, unlike these, bypasses the register cache. */
static int tdx_emulate_cpuid(struct kvm_vcpu *vcpu)
{
	struct vcpu_tdx *tdx = to_tdx(vcpu);
	u32 eax = tdx->vp_enter_args.r12, ebx, ecx = tdx->vp_enter_args.r13, edx;

	kvm_cpuid(vcpu, &eax, &ebx, &ecx, &edx, false);
	tdx->vp_enter_args.r12 = eax;
	tdx->vp_enter_args.r13 = ebx;
	tdx->vp_enter_args.r14 = ecx;
	tdx->vp_enter_args.r15 = edx;
	return 1;
}

int tdx_handle_exit(struct kvm_vcpu *vcpu)
{
	struct vcpu_tdx *tdx = to_tdx(vcpu);

	switch (tdx->vt.exit_reason) {
	case EXIT_REASON_CPUID:
		return tdx_emulate_cpuid(vcpu);
	case EXIT_REASON_VMCALL:
		return tdx_emulate_vmcall(vcpu);
	case EXIT_REASON_MSR_READ:
		kvm_ecx_write(vcpu, tdx->vp_enter_args.r12);
		//^^^^^^^^^^^ ref VCPU_REGS_RCX write
		return kvm_emulate_rdmsr(vcpu) && tdx_complete_rdmsr(vcpu);
	case EXIT_REASON_MSR_WRITE:
		kvm_ecx_write(vcpu, tdx->vp_enter_args.r12);
		kvm_eax_write(vcpu, tdx->vp_enter_args.r13);
		kvm_edx_write(vcpu, tdx->vp_enter_args.r13 >> 32);
		return kvm_emulate_wrmsr(vcpu);
	default:
		return 0;
	}
}

void tdx_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	WARN_ON_ONCE(init_event);
}

void tdx_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level)
{
	td_vmcs_write64(to_tdx(vcpu), SHARED_EPT_POINTER, root_hpa);
}
