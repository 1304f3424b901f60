import type { OwnedRegister, OwnerParts } from './backend.js';
import type { Place } from './place.js';
import { ownerParts } from './saveArea.js';

/**
 * What a protected guest surely has of KVM's special registers: AMD's encrypted save area holds them (APM vol. 2, table B-4), and
 * so does what the TDX module keeps of a TD's virtual processor (TDX module ABI, TDVPS).
 */
const ARCHITECTURAL: ReadonlySet<string> = new Set(
  'RIP RFLAGS SEGMENTS CR0 CR2 CR3 CR4 DR6 DR7 EFER XCR0 XSS PKRU'.split(' '),
);

/** Whether a guest in 64-bit mode has a register, whatever its vendor. */
export function isArchitectural({ class: kind, register }: OwnedRegister): boolean {
  return kind === 'gpr' || ARCHITECTURAL.has(register);
}

/** Whether a protected guest has none: exit information is no register, and the PDPTRs of PAE paging are loaded from memory. */
export function isNoneOfProtected({ class: kind, register }: OwnedRegister): boolean {
  return kind === 'exit-info' || register === 'PDPTR';
}

/** The owner of a register of which it is not known whether a protected guest has it. */
export function undecidedOwner({ register, declared }: OwnedRegister, storage: Place, guest: string): OwnerParts {
  const why = `is not known to be a register of ${guest}`;
  const reason = { file: declared?.file ?? '', line: declared?.line ?? null, what: register, why };
  return ownerParts('unknown', storage, { load: [], store: [], unknown: { load: [reason], store: [reason] } });
}
