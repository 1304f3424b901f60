/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __SVM_SVM_H
#define __SVM_SVM_H

#include <asm/svm.h>
#include "../kvm_cache_regs.h"

struct vcpu_sev_es_state {
	struct sev_es_save_area *vmsa;
	struct ghcb *ghcb;
};

struct vcpu_svm {
	struct kvm_vcpu vcpu;
	struct vmcb *vmcb;
	unsigned long vmcb_pa;
	struct vcpu_sev_es_state sev_es;
};

void __svm_vcpu_run(struct vcpu_svm *svm);
void __svm_sev_es_vcpu_run(struct vcpu_svm *svm, struct sev_es_save_area *hostsa);

bool sev_es_guest(struct kvm *kvm);
int sev_es_sync_vmsa(struct vcpu_svm *svm);
int sev_handle_vmgexit(struct kvm_vcpu *vcpu);
void sev_es_unmap_ghcb(struct vcpu_svm *svm);
struct sev_es_save_area *sev_es_host_save_area(void);

static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}

#endif
