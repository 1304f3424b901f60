/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_FPU_H
#define __KVM_FPU_H

#include <asm/fpu/api.h>

/* The guest's registers are in hardware from here on, until kvm_fpu_put(). */
static inline void kvm_fpu_get(void)
{
	fpregs_lock();
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
}

static inline void kvm_fpu_put(void)
{
	fpregs_unlock();
}

#endif
