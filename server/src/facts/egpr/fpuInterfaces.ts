/** The FPU core's lock that keeps registers in hardware as they are (asm/fpu/api.h). */
export const FPU_LOCK = 'fpregs_lock';

/** Userspace's struct for XSAVE state, R16-R31 in it (uapi/asm/kvm.h, KVM_GET_XSAVE). */
export const USERSPACE_STRUCT = 'kvm_xsave';

/** The FPU core's functions that copy a guest's fpstate to userspace's buffer, and back (asm/fpu/api.h). */
export const FPSTATE_COPIES: ReadonlyMap<string, 'out' | 'in'> = new Map([
  ['fpu_copy_guest_fpstate_to_uabi', 'out'],
  ['fpu_copy_uabi_to_guest_fpstate', 'in'],
]);
