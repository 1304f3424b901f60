/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __SVM_SVM_H
#define __SVM_SVM_H

#include <asm/svm.h>
#include "../regs.h"

struct vcpu_sev_es_state {
	struct sev_es_save_area *vmsa;
	struct ghcb *ghcb;
	u8 valid_bitmap[16];
};

struct vcpu_svm {
	struct kvm_vcpu vcpu;
	struct vmcb *vmcb;
	unsigned long vmcb_pa;
	struct vcpu_sev_es_state sev_es;
};

/* KVM's copy of the bitmap decides: the guest can change the page at any time. */
#define DEFINE_KVM_GHCB_ACCESSORS(field)						\
static __always_inline bool kvm_ghcb_##field##_is_valid(const struct vcpu_svm *svm)	\
{											\
	return test_bit(GHCB_BITMAP_IDX(field), (unsigned long *)&svm->sev_es.valid_bitmap); \
}											\
static __always_inline u64 kvm_ghcb_get_##field##_if_valid(struct vcpu_svm *svm)	\
{											\
	return kvm_ghcb_##field##_is_valid(svm) ? READ_ONCE(svm->sev_es.ghcb->save.field) : 0; \
}

DEFINE_KVM_GHCB_ACCESSORS(rax)
DEFINE_KVM_GHCB_ACCESSORS(rbx)
DEFINE_KVM_GHCB_ACCESSORS(rcx)
DEFINE_KVM_GHCB_ACCESSORS(rdx)
DEFINE_KVM_GHCB_ACCESSORS(rsi)
DEFINE_KVM_GHCB_ACCESSORS(xcr0)

void __svm_vcpu_run(struct vcpu_svm *svm);
void __svm_sev_es_vcpu_run(struct vcpu_svm *svm, struct sev_es_save_area *hostsa);

bool is_sev_es_guest(struct kvm_vcpu *vcpu);
int sev_es_sync_vmsa(struct vcpu_svm *svm);
int sev_handle_vmgexit(struct kvm_vcpu *vcpu);
void sev_es_unmap_ghcb(struct vcpu_svm *svm);
struct sev_es_save_area *sev_es_host_save_area(void);

static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}

#endif
