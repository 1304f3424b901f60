import { argumentTexts, resultTarget } from './callText.js';

/** A call of the kernel's for a register of hardware that neither VM-entry nor VM-exit of VMX switches, as it stands in a text. */
export interface HardwareAccess {
  /** As the manuals call it; null for a debug register whose number is no constant. */
  readonly register: string | null;
  readonly isWritten: boolean;
  /** What is written, or what the value is read to, as code has it; null where that is not told. */
  readonly other: string | null;
}

/** What the call of a hardware register does whose name begins at an offset of a text; null for any other word. */
export function hardwareAccessAt(text: string, offset: number, name: string): HardwareAccess | null {
  const given = argumentTexts(text, offset);
  if (name === 'native_read_cr2') return { register: 'CR2', isWritten: false, other: resultTarget(text, offset) };
  if (name === 'native_write_cr2') return { register: 'CR2', isWritten: true, other: given[0] ?? null };
  const access = DEBUG_REGISTER.exec(name)?.[1];
  const [value, number] = given;
  if (access === undefined || value === undefined || number === undefined) return null;
  return { register: /^\d$/.test(number) ? `DR${number}` : null, isWritten: access === 'set', other: value };
}

/** Macros of a value, or the variable that gets one, and a number (asm/debugreg.h). VM-entry loads DR7 alone of these, VM-exit saves it (SDM vol. 3, 27.3.1.1 and 28.3.1). */
const DEBUG_REGISTER = /^(get|set)_debugreg$/;
