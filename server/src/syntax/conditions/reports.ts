import type { Guard } from './guard.js';

/** The kernel's macros that report a condition that should never hold, and give it back (asm-generic/bug.h, linux/kvm_host.h, mmu_internal.h). */
const REPORTING = /^(?:KVM_)?(?:MMU_)?(?:WARN|BUG)(?:_ON|$)/;

/** Whether a function or macro of a name only reports a condition. */
export function isReporting(name: string): boolean {
  return REPORTING.test(name);
}

/** Whether a guard is that something did not happen which the kernel warns of: that is always so but for bugs. */
export function isReported(guard: Guard): boolean {
  return (
    guard.kind !== 'case' && guard.negated && guard.condition.kind === 'call' && isReporting(guard.condition.callee)
  );
}
