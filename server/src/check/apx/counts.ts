/** The general-purpose registers without APX, and with it. */
export const OLD_COUNT = 16;
export const FULL_COUNT = 32;

/** Whether a count of registers is that of a 64-bit kernel without APX; with RIP or more among them in older trees. */
export function isTooFew(count: number | null): boolean {
  return count !== null && count >= OLD_COUNT && count < FULL_COUNT;
}
