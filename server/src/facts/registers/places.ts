/** Functions that fill memory behind their first argument from guest memory (linux/kvm_host.h, x86.c). */
export const GUEST_MEMORY_READERS = /^kvm_(?:vcpu_)?read_(?:nested_)?guest(?:_page(?:_mmu)?|_cached|_virt)?$/;
