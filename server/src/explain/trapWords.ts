/** What a guest does that traps where KVM's copy of a register is the register itself. */
export function trapWords(register: string): string {
  return register === 'PDPTR' ? LOADS_OF_PDPTR : 'guest writes trap';
}

/** No instruction writes the PDPTE registers: writes of control registers have the CPU load them (SDM vol. 3, 4.4.1). */
const LOADS_OF_PDPTR = 'guest writes of CR0, CR3 and CR4 that would load it trap';
