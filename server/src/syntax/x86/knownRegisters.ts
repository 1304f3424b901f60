import { registerPart } from './registers.js';

/** Registers that are no GPRs, as AT&T syntax names them (Intel SDM volume 1, chapter 3; GNU as manual, "i386-Regs"). */
const OTHERS =
  /^(?:[c-gs]s|st|[er]ip|[er]iz|(?:cr|dr|db|tr)(?:\d|1[0-5])|mm[0-7]|[xyz]mm(?:[12]?\d|3[01])|tmm[0-7]|k[0-7]|bnd[0-3])$/;

/** Whether x86 has a register of a name, given without `%`, in any mode. */
export function isRegister(name: string): boolean {
  return registerPart(name) !== null || OTHERS.test(name.toLowerCase());
}
