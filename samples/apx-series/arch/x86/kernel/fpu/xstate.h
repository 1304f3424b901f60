/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __X86_KERNEL_FPU_XSTATE_H
#define __X86_KERNEL_FPU_XSTATE_H

#include <asm/fpu/xstate.h>

#define XSAVES	"xsaves64 %[area]"
#define XRSTORS	"xrstors64 %[area]"

#define XSTATE_OP(op, area, mask)						\
	asm volatile(op : : [area] "m" (*(area)), "a" ((u32)(mask)),		\
		     "d" ((u32)((mask) >> 32)) : "memory")

static inline void os_xsave(struct fpstate *fpstate)
{
	XSTATE_OP(XSAVES, &fpstate->regs, fpstate->xfeatures);
}

static inline void os_xrstor(struct fpstate *fpstate, u64 mask)
{
	XSTATE_OP(XRSTORS, &fpstate->regs, mask);
}

static inline void xfd_update_state(struct fpstate *fpstate)
{
	u64 xfd = fpstate->xfd;

	if (this_cpu_read(xfd_state) != xfd) {
		wrmsrq(MSR_IA32_XFD, xfd);
		this_cpu_write(xfd_state, xfd);
	}
}

#endif
