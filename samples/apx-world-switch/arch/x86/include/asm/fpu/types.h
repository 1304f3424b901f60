/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_FPU_TYPES_H
#define _ASM_X86_FPU_TYPES_H

enum xfeature {
	XFEATURE_FP,
	XFEATURE_SSE,
	XFEATURE_YMM,
	XFEATURE_PKRU = 9,
	XFEATURE_APX = 19,
};

#define XFEATURE_MASK_FP	(1 << XFEATURE_FP)
#define XFEATURE_MASK_SSE	(1 << XFEATURE_SSE)
#define XFEATURE_MASK_YMM	(1 << XFEATURE_YMM)
#define XFEATURE_MASK_PKRU	(1 << XFEATURE_PKRU)
#define XFEATURE_MASK_APX	(1 << XFEATURE_APX)

#endif
