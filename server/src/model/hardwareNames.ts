import type { Place } from '../facts/registers/places.js';

/** Segment and table registers that the enum sums up as SEGMENTS. */
const SEGMENTS = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS', 'LDTR', 'TR'];

/**
 * Whether a field of hardware holds a register, by the manuals' names: VMCS guest-state fields GUEST_RSP, GUEST_PDPTR0,
 * GUEST_CS_BASE (SDM vol. 3, appendix B); members of the VMCB save area save.rax, save.cs (APM vol. 2, appendix B); GHCB
 * and VMSA members likewise.
 */
export function holdsRegister(place: Place, register: string): boolean {
  if (place.kind === 'vmcs') return vmcsField(register).test(place.name);
  const field = place.name.replace(/^save\./, '').toUpperCase();
  if (place.kind === 'vmcb' && !place.name.startsWith('save.')) return false;
  if (register === 'SEGMENTS') return SEGMENTS.includes(field);
  return field === register;
}

function vmcsField(register: string): RegExp {
  if (register === 'SEGMENTS') return new RegExp(`^GUEST_(?:${SEGMENTS.join('|')})_|segment_fields\\[`);
  return new RegExp(`^GUEST_${register}\\d?$`);
}

/** The field's name in a save area: `save.rax`. */
export function saveAreaField(register: string): string {
  return register === 'SEGMENTS'
    ? SEGMENTS.map((segment) => `save.${segment.toLowerCase()}`).join(' ')
    : `save.${register.toLowerCase()}`;
}

/**
 * Registers that a protected guest has no use for: PDPTRs are for PAE paging, and SEV-ES and TDX guests run in 64-bit mode;
 * exit information is no register.
 */
export function existsInProtectedGuest(register: string, isExitInfo: boolean): boolean {
  return register !== 'PDPTR' && !isExitInfo;
}
