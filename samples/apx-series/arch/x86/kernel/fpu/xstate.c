/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "xstate.h"

/* The CPU's size of a component, by CPUID leaf 0xD, against that of the struct that the kernel has for it. */
static bool xfeature_size_matches(int nr, unsigned int size)
{
	switch (nr) {
	case XFEATURE_PKRU:
		return size == sizeof(struct pkru_state);
	case XFEATURE_APX:
		return size == sizeof(struct apx_state);
	default:
		return true;
	}
}

/* PKRU's value in the fpstate is not up to date: KVM has it. */
void copy_xstate_to_uabi_buf(struct membuf to, struct fpstate *fpstate, u64 xfeatures, u32 pkru_val)
{
	struct xregs_state *xsave = &fpstate->regs;
	int i;

	for (i = 0; i < XFEATURE_MAX; i++) {
		if (!(xsave->header.xfeatures & xfeatures & BIT_ULL(i)))
			continue;
		if (i == XFEATURE_PKRU) {
			struct pkru_state pkru = { 0 };

			pkru.pkru = pkru_val;
			membuf_write(&to, &pkru, sizeof(pkru));
		} else {
			membuf_write(&to, xstate_component(xsave, i), xstate_sizes[i]);
		}
	}
}

int copy_uabi_to_xstate(struct fpstate *fpstate, const void *buf, u32 *pkru)
{
	struct xregs_state *xsave = &fpstate->regs;
	const struct xregs_state *ustate = buf;
	int i;

	for (i = 0; i < XFEATURE_MAX; i++) {
		if (ustate->header.xfeatures & BIT_ULL(i))
			memcpy(xstate_component(xsave, i), buf + xstate_offsets[i], xstate_sizes[i]);
	}

	if (ustate->header.xfeatures & XFEATURE_MASK_PKRU) {
		struct pkru_state *xpkru = xstate_component(xsave, XFEATURE_PKRU);

		*pkru = xpkru->pkru;
	}
	return 0;
}
