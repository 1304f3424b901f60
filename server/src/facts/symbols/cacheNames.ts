/** The struct that holds the cache, and the member of `struct kvm_vcpu` that it is. */
export const CACHE_STRUCT = 'kvm_vcpu_arch';
export const CACHE_MEMBER = 'arch';
export const VCPU_STRUCT = 'kvm_vcpu';

/** The cache's own names in `struct kvm_vcpu_arch` (asm/kvm_host.h): the array, and the bitmaps of its state. */
export const CACHE_ARRAY = 'regs';
export const AVAILABLE_BITMAP = 'regs_avail';
export const DIRTY_BITMAP = 'regs_dirty';
/** The emulator's copy in `struct x86_emulate_ctxt`; before 3.x it was `regs`, in a struct of its own there (kvm_emulate.h). */
export const EMULATOR_STRUCT = 'x86_emulate_ctxt';

/** The struct of the operations by which the emulator has KVM read and write guest state (kvm_emulate.h). */
export const EMULATOR_OPERATIONS_STRUCT = 'x86_emulate_ops';
export const EMULATOR_ARRAY = '_regs';
