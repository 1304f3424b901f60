/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_FPU_INTERNAL_H
#define _ASM_X86_FPU_INTERNAL_H

#include <asm/fpu/types.h>

/* XSAVES and XRSTORS, with the area in RDI, for assemblers that do not know them. */
#define XSAVES	".byte 0x48, 0x0f,0xc7,0x2f"
#define XRSTORS	".byte 0x48, 0x0f,0xc7,0x1f"

#define XSTATE_OP(op, area, mask)						\
	asm volatile(op : : "D" (area), "m" (*(area)), "a" ((u32)(mask)),	\
		     "d" ((u32)((mask) >> 32)) : "memory")

static inline void copy_xregs_to_kernel(struct xregs_state *xstate)
{
	u64 mask = -1;

	XSTATE_OP(XSAVES, xstate, mask);
}

static inline void copy_kernel_to_xregs(struct xregs_state *xstate, u64 mask)
{
	XSTATE_OP(XRSTORS, xstate, mask);
}

static inline int copy_fpregs_to_fpstate(struct fpu *fpu)
{
	copy_xregs_to_kernel(&fpu->state.xsave);
	return 1;
}

static inline void __copy_kernel_to_fpregs(union fpregs_state *fpstate, u64 mask)
{
	copy_kernel_to_xregs(&fpstate->xsave, mask);
}

static inline void copy_kernel_to_fpregs(union fpregs_state *fpstate)
{
	__copy_kernel_to_fpregs(fpstate, -1);
}

#endif
