/** What a guest does that traps where KVM's copy of a register is the register itself. */
export function trapWords(register: string): string {
  return register === 'PDPTR' ? LOADS_OF_PDPTR : 'guest writes trap';
}

/** No instruction writes the PDPTE registers: writes of control registers have the CPU load them (SDM vol. 3, 4.4.1). */
const LOADS_OF_PDPTR = 'guest writes of CR0, CR3 and CR4 that would load it trap';

/** Where the guest runs with a value of KVM's in a register, and not with its own. */
export const OWN_VALUE = "hardware runs with KVM's own value";

/** What KVM sets of such a register in hardware, before the function that does. */
export function setWords(register: string): string {
  return isOwnValue(register) ? `${OWN_VALUE}, set` : "hardware's copy set";
}

/**
 * Whether what KVM sets in hardware is its own value of a register whose writes trap: writes of CR3 do where KVM shadows the guest's page
 * tables, or gives it some while it has none, and hardware's CR3 is their root (SDM vol. 3, 34.3; APM vol. 2, 15.25).
 */
export function isOwnValue(register: string): boolean {
  return register === 'CR3';
}
