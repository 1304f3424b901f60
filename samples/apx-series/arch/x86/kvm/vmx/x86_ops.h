/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMX_X86_OPS_H
#define __KVM_X86_VMX_X86_OPS_H

int vmx_hardware_setup(void);
int vmx_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags);
int vmx_handle_exit(struct kvm_vcpu *vcpu);
void vmx_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event);
void vmx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg);
void vmx_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0);
void vmx_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4);
void vmx_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level);
unsigned long vmx_get_rflags(struct kvm_vcpu *vcpu);
void vmx_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags);
u64 vmx_get_segment_base(struct kvm_vcpu *vcpu, int seg);

int tdx_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags);
int tdx_handle_exit(struct kvm_vcpu *vcpu);
void tdx_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event);
void tdx_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level);

int nested_vmx_run(struct kvm_vcpu *vcpu);
void nested_vmx_vmexit(struct kvm_vcpu *vcpu);

#endif
