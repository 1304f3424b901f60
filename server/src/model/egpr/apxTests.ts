import { isReported } from '../../syntax/conditions/reports.js';
import { guardParts, literalsOf, type Guard } from '../../syntax/conditions/guard.js';

/** Whether a word names what makes R16-R31 the guest's: APX, the registers, or the guest's XCR0. */
export function isNameOfApx(word: string): boolean {
  return /apx|egpr|xcr0/i.test(word);
}

/** The parts of a guard that tests whether a guest has R16-R31, `X` of a return under `!X`; none of any other, nor of what only bugs make hold. */
export function apxParts(guard: Guard): readonly Guard[] {
  const isOfApx = literalsOf([guard]).some(({ atom }) => atom.words.some(isNameOfApx));
  return isOfApx ? guardParts(guard).filter((part) => !isReported(part)) : [];
}
