/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <asm/asm.h>
#include <asm/vmx.h>
#include "kvm_cache_regs.h"

struct vcpu_vmx {
	struct kvm_vcpu vcpu;
	unsigned long host_rsp;
	bool launched;
	u8 fail;
	u32 exit_reason;
	unsigned long rflags;
	u32 segment_cache_valid;
	u64 cs_base;
};

static bool enable_ept = true;

static struct vcpu_vmx *to_vmx(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_vmx, vcpu);
}

/* With EPT the PDPTRs of a PAE guest are VMCS fields. */
static void ept_save_pdptrs(struct kvm_vcpu *vcpu)
{
	vcpu->arch.pdptrs[0] = vmcs_read64(GUEST_PDPTR0);
	vcpu->arch.pdptrs[1] = vmcs_read64(GUEST_PDPTR1);
	vcpu->arch.pdptrs[2] = vmcs_read64(GUEST_PDPTR2);
	vcpu->arch.pdptrs[3] = vmcs_read64(GUEST_PDPTR3);
}

static void ept_load_pdptrs(struct kvm_vcpu *vcpu)
{
	if (!test_bit(VCPU_EXREG_PDPTR, (unsigned long *)&vcpu->arch.regs_dirty))
	              //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR test-dirty
		return;

	vmcs_write64(GUEST_PDPTR0, vcpu->arch.pdptrs[0]);
	vmcs_write64(GUEST_PDPTR1, vcpu->arch.pdptrs[1]);
	vmcs_write64(GUEST_PDPTR2, vcpu->arch.pdptrs[2]);
	vmcs_write64(GUEST_PDPTR3, vcpu->arch.pdptrs[3]);
}

static void vmx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
	switch (reg) {
	case VCPU_REGS_RSP:
	     //^^^^^^^^^^^ ref VCPU_REGS_RSP case
		vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);
		                //^^^^^^^^^^^ ref VCPU_REGS_RSP write
		break;
	case VCPU_REGS_RIP:
		vcpu->arch.regs[VCPU_REGS_RIP] = vmcs_readl(GUEST_RIP);
		break;
	case VCPU_EXREG_PDPTR:
		if (enable_ept)
			ept_save_pdptrs(vcpu);
		break;
	default:
		break;
	}
}

static void vmx_decache_cr0_guest_bits(struct kvm_vcpu *vcpu)
{
	unsigned long owned = vcpu->arch.cr0_guest_owned_bits;

	vcpu->arch.cr0 &= ~owned;
	vcpu->arch.cr0 |= vmcs_readl(GUEST_CR0) & owned;
}

static void vmx_decache_cr4_guest_bits(struct kvm_vcpu *vcpu)
{
	unsigned long owned = vcpu->arch.cr4_guest_owned_bits;

	vcpu->arch.cr4 &= ~owned;
	vcpu->arch.cr4 |= vmcs_readl(GUEST_CR4) & owned;
}

/* Under shadow paging GUEST_CR3 is KVM's, and the cache owns the guest's. */
static void vmx_decache_cr3(struct kvm_vcpu *vcpu)
{
	if (enable_ept)
		vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);
	__set_bit(VCPU_EXREG_CR3, (unsigned long *)&vcpu->arch.regs_avail);
	          //^^^^^^^^^^^^ ref VCPU_EXREG_CR3 mark-available
}

static void vmx_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	vmcs_writel(GUEST_CR0, cr0);
	vcpu->arch.cr0 = cr0;
}

static void vmx_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3)
{
	if (enable_ept) {
		cr3 = kvm_read_cr3(vcpu);
		ept_load_pdptrs(vcpu);
	}
	vmcs_writel(GUEST_CR3, cr3);
}

static int vmx_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	vcpu->arch.cr4 = cr4;
	vmcs_writel(GUEST_CR4, cr4);
	return 0;
}

static unsigned long vmx_get_rflags(struct kvm_vcpu *vcpu)
{
	if (!test_bit(VCPU_EXREG_RFLAGS, (unsigned long *)&vcpu->arch.regs_avail)) {
	              //^^^^^^^^^^^^^^^ ref VCPU_EXREG_RFLAGS test-available
		__set_bit(VCPU_EXREG_RFLAGS, (unsigned long *)&vcpu->arch.regs_avail);
		to_vmx(vcpu)->rflags = vmcs_readl(GUEST_RFLAGS);
	}
	return to_vmx(vcpu)->rflags;
}

static void vmx_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags)
{
	__set_bit(VCPU_EXREG_RFLAGS, (unsigned long *)&vcpu->arch.regs_avail);
	to_vmx(vcpu)->rflags = rflags;
	vmcs_writel(GUEST_RFLAGS, rflags);
}

static u64 vmx_get_segment_base(struct kvm_vcpu *vcpu, int seg)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (!test_bit(VCPU_EXREG_SEGMENTS, (unsigned long *)&vcpu->arch.regs_avail)) {
		__set_bit(VCPU_EXREG_SEGMENTS, (unsigned long *)&vcpu->arch.regs_avail);
		vmx->segment_cache_valid = 0;
	}
	if (!(vmx->segment_cache_valid & 1)) {
		vmx->segment_cache_valid |= 1;
		vmx->cs_base = vmcs_readl(GUEST_CS_BASE);
	}
	return vmx->cs_base;
}

static int handle_mov_to_cr(struct kvm_vcpu *vcpu)
{
	unsigned long qualification = vmcs_readl(EXIT_QUALIFICATION);
	int reg = (qualification >> 8) & 15;
	unsigned long val = kvm_register_read(vcpu, reg);
	                                            //^ ref null read

	return (qualification & 15) == 4 ? vmx_set_cr4(vcpu, val) : 1;
}

static int handle_rdmsr(struct kvm_vcpu *vcpu)
{
	u32 index = vcpu->arch.regs[VCPU_REGS_RCX];
	                            //^^^^^^^^^^^ ref VCPU_REGS_RCX read
	u64 data = index == MSR_EFER ? vcpu->arch.efer : 0;

	vcpu->arch.regs[VCPU_REGS_RAX] = data & -1u;
	                //^^^^^^^^^^^ ref VCPU_REGS_RAX write
	vcpu->arch.regs[VCPU_REGS_RDX] = data >> 32 & -1u;
	return 1;
}

/* IA32_XSS is in the areas of MSRs that VM-entry and VM-exit load, where guest and host differ. */
static int vmx_set_msr(struct kvm_vcpu *vcpu, struct msr_data *msr_info)
{
	if (msr_info->index != MSR_IA32_XSS)
		return kvm_set_msr_common(vcpu, msr_info);

	vcpu->arch.ia32_xss = msr_info->data;
	if (vcpu->arch.ia32_xss != host_xss)
		add_atomic_switch_msr(to_vmx(vcpu), MSR_IA32_XSS, vcpu->arch.ia32_xss, host_xss);
	else
		clear_atomic_switch_msr(to_vmx(vcpu), MSR_IA32_XSS);
	return 0;
}

static int vmx_handle_exit(struct kvm_vcpu *vcpu)
{
	switch (to_vmx(vcpu)->exit_reason) {
	case EXIT_REASON_CPUID:
		return kvm_emulate_cpuid(vcpu);
	case EXIT_REASON_MSR_READ:
		return handle_rdmsr(vcpu);
	case EXIT_REASON_CR_ACCESS:
		return handle_mov_to_cr(vcpu);
	default:
		return 0;
	}
}

static void vmx_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (test_bit(VCPU_REGS_RSP, (unsigned long *)&vcpu->arch.regs_dirty))
	             //^^^^^^^^^^^ ref VCPU_REGS_RSP test-dirty
		vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);
		                                       //^^^^^^^^^^^ ref VCPU_REGS_RSP read
	if (test_bit(VCPU_REGS_RIP, (unsigned long *)&vcpu->arch.regs_dirty))
		vmcs_writel(GUEST_RIP, vcpu->arch.regs[VCPU_REGS_RIP]);

	kvm_load_guest_xcr0(vcpu);

	asm(
		/* Host state that the guest would overwrite; the second slot is where guest RCX goes. */
		"push %%" _ASM_DX "; push %%" _ASM_BP " \n\t"
		"push %%" _ASM_CX "; push %%" _ASM_CX " \n\t"
		"mov %%" _ASM_SP ", %c[host_rsp](%0) \n\t"
		__ex(ASM_VMX_VMWRITE_RSP_RDX) " \n\t"
		"mov %c[cr2](%0), %%" _ASM_AX "; mov %%" _ASM_AX ", %%cr2 \n\t"
		"cmpl $0, %c[launched](%0) \n\t"

		/* Guest registers, RCX last: it holds the pointer. */
		"mov %c[rax](%0), %%" _ASM_AX " \n\t"
		     //^^^^^ ref VCPU_REGS_RAX asm-load
		"mov %c[rbx](%0), %%" _ASM_BX " \n\t"
		"mov %c[rdx](%0), %%" _ASM_DX " \n\t"
		"mov %c[rsi](%0), %%" _ASM_SI " \n\t"
		"mov %c[rdi](%0), %%" _ASM_DI " \n\t"
		"mov %c[rbp](%0), %%" _ASM_BP " \n\t"
#ifdef CONFIG_X86_64
		"mov %c[r8](%0), %%r8 \n\t"
		     //^^^^ ref VCPU_REGS_R8 asm-load
		"mov %c[r9](%0), %%r9 \n\t"
		"mov %c[r10](%0), %%r10 \n\t"
		"mov %c[r11](%0), %%r11 \n\t"
		"mov %c[r12](%0), %%r12 \n\t"
		"mov %c[r13](%0), %%r13 \n\t"
		"mov %c[r14](%0), %%r14 \n\t"
		"mov %c[r15](%0), %%r15 \n\t"
#endif
		"mov %c[rcx](%0), %%" _ASM_CX " \n\t"

		"jne 1f \n\t"
		__ex(ASM_VMX_VMLAUNCH) " \n\t"
		"jmp 2f \n\t"
		"1: " __ex(ASM_VMX_VMRESUME) " \n\t"
		"2: "

		/* The guest's RCX to its slot on the stack, the pointer back to RCX. */
		"mov %0, %c[wordsize](%%" _ASM_SP ") \n\t"
		"pop %0 \n\t"
		"setbe %c[fail](%0) \n\t"
		"mov %%" _ASM_AX ", %c[rax](%0) \n\t"
		                    //^^^^^ ref VCPU_REGS_RAX asm-store
		"mov %%" _ASM_BX ", %c[rbx](%0) \n\t"
		__ASM_SIZE(pop) " %c[rcx](%0) \n\t"
		                  //^^^^^ ref VCPU_REGS_RCX asm-store
		"mov %%" _ASM_DX ", %c[rdx](%0) \n\t"
		"mov %%" _ASM_SI ", %c[rsi](%0) \n\t"
		"mov %%" _ASM_DI ", %c[rdi](%0) \n\t"
		"mov %%" _ASM_BP ", %c[rbp](%0) \n\t"
#ifdef CONFIG_X86_64
		"mov %%r8, %c[r8](%0) \n\t"
		"mov %%r9, %c[r9](%0) \n\t"
		"mov %%r10, %c[r10](%0) \n\t"
		"mov %%r11, %c[r11](%0) \n\t"
		"mov %%r12, %c[r12](%0) \n\t"
		"mov %%r13, %c[r13](%0) \n\t"
		"mov %%r14, %c[r14](%0) \n\t"
		"mov %%r15, %c[r15](%0) \n\t"
		            //^^^^^ ref VCPU_REGS_R15 asm-store
#endif
		"mov %%cr2, %%" _ASM_AX "; mov %%" _ASM_AX ", %c[cr2](%0) \n\t"
		"pop %%" _ASM_BP "; pop %%" _ASM_DX " \n\t"
		: : "c"(vmx), "d"((unsigned long)HOST_RSP),
		[launched]"i"(offsetof(struct vcpu_vmx, launched)),
		[fail]"i"(offsetof(struct vcpu_vmx, fail)),
		[host_rsp]"i"(offsetof(struct vcpu_vmx, host_rsp)),
		[rax]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RAX])),
		[rbx]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RBX])),
		[rcx]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RCX])),
		[rdx]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RDX])),
		[rsi]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RSI])),
		[rdi]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RDI])),
		[rbp]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RBP])),
#ifdef CONFIG_X86_64
		[r8]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R8])),
		[r9]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R9])),
		[r10]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R10])),
		[r11]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R11])),
		[r12]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R12])),
		[r13]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R13])),
		[r14]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R14])),
		[r15]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R15])),
#endif
		[cr2]"i"(offsetof(struct vcpu_vmx, vcpu.arch.cr2)),
		[wordsize]"i"(sizeof(ulong))
		: "cc", "memory"
#ifdef CONFIG_X86_64
		, "rax", "rbx", "rdi", "rsi"
		, "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
#else
		, "eax", "ebx", "edi", "esi"
#endif
	);

	vcpu->arch.regs_avail = ~((1 << VCPU_REGS_RIP) | (1 << VCPU_REGS_RSP)
	                                                       //^^^^^^^^^^^ ref VCPU_REGS_RSP mask
				  | (1 << VCPU_EXREG_RFLAGS)
				  | (1 << VCPU_EXREG_PDPTR)
				  | (1 << VCPU_EXREG_SEGMENTS)
				  | (1 << VCPU_EXREG_CR3));
				          //^^^^^^^^^^^^ ref VCPU_EXREG_CR3 mask
	vcpu->arch.regs_dirty = 0;

	vmx->launched = 1;
	vmx->exit_reason = vmcs_read32(VM_EXIT_REASON);
	kvm_put_guest_xcr0(vcpu);
}

static void vmx_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	to_vmx(vcpu)->launched = 0;
	kvm_register_write(vcpu, VCPU_REGS_RIP, 0xfff0);
	vmx_set_rflags(vcpu, X86_EFLAGS_FIXED);
}

static struct kvm_x86_ops vmx_x86_ops = {
	.run = vmx_vcpu_run,
	.handle_exit = vmx_handle_exit,
	.vcpu_reset = vmx_vcpu_reset,
	.cache_reg = vmx_cache_reg,
	.decache_cr0_guest_bits = vmx_decache_cr0_guest_bits,
	.decache_cr3 = vmx_decache_cr3,
	.decache_cr4_guest_bits = vmx_decache_cr4_guest_bits,
	.set_cr0 = vmx_set_cr0,
	.set_cr3 = vmx_set_cr3,
	.set_cr4 = vmx_set_cr4,
	.get_rflags = vmx_get_rflags,
	.set_rflags = vmx_set_rflags,
	.get_segment_base = vmx_get_segment_base,
};

static int __init vmx_init(void)
{
	return kvm_init(&vmx_x86_ops, sizeof(struct vcpu_vmx), __alignof__(struct vcpu_vmx), THIS_MODULE);
}

module_init(vmx_init)
