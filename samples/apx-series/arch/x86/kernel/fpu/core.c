/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "xstate.h"

static void save_fpregs_to_fpstate(struct fpu *fpu)
{
	os_xsave(fpu->fpstate);
}

static void restore_fpregs_from_fpstate(struct fpstate *fpstate, u64 mask)
{
	xfd_update_state(fpstate);
	os_xrstor(fpstate, mask);
}

/* KVM's switch between the VMM's own state and the guest's, once a KVM_RUN. */
void fpu_swap_kvm_fpstate(struct fpu_guest *guest_fpu, bool enter_guest)
{
	struct fpu *fpu = x86_task_fpu(current);
	struct fpstate *guest = guest_fpu->fpstate, *now = fpu->fpstate;

	fpregs_lock();
	if (!now->is_confidential)
		save_fpregs_to_fpstate(fpu);

	if (enter_guest) {
		fpu->__task_fpstate = now;
		fpu->fpstate = guest;
		guest->in_use = true;
	} else {
		guest->in_use = false;
		fpu->fpstate = fpu->__task_fpstate;
	}

	now = fpu->fpstate;
	if (!now->is_confidential)
		restore_fpregs_from_fpstate(now, XFEATURE_MASK_FPSTATE);
	else
		xfd_update_state(now);
	fpregs_unlock();
}

/* The task was scheduled out since: what it had in the registers goes back there. */
void switch_fpu_return(void)
{
	struct fpu *fpu = x86_task_fpu(current);

	restore_fpregs_from_fpstate(fpu->fpstate, XFEATURE_MASK_FPSTATE);
	clear_thread_flag(TIF_NEED_FPU_LOAD);
}

/* A guest that writes IA32_XFD without an exit leaves the new value in the MSR alone. */
void fpu_sync_guest_vmexit_xfd_state(void)
{
	struct fpstate *fpstate = x86_task_fpu(current)->fpstate;

	rdmsrq(MSR_IA32_XFD, fpstate->xfd);
}

void fpu_update_guest_xfd(struct fpu_guest *guest_fpu, u64 xfd)
{
	struct fpstate *fpstate = guest_fpu->fpstate;

	fpstate->xfd = xfd;
	if (fpstate->in_use)
		xfd_update_state(fpstate);
}

void fpu_copy_guest_fpstate_to_uabi(struct fpu_guest *gfpu, void *buf, unsigned int size, u64 xfeatures, u32 pkru)
{
	struct membuf to = { .p = buf, .left = size };

	copy_xstate_to_uabi_buf(to, gfpu->fpstate, xfeatures, pkru);
}

int fpu_copy_uabi_to_guest_fpstate(struct fpu_guest *gfpu, const void *buf, u64 xcr0, u32 *vpkru)
{
	const struct xregs_state *ustate = buf;

	if (ustate->header.xfeatures & ~xcr0)
		return -EINVAL;

	return copy_uabi_to_xstate(gfpu->fpstate, buf, vpkru);
}
