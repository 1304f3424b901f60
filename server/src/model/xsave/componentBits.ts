/** Whether a component is in a mask, which has a bit for each by its number. */
export function hasComponent(mask: bigint, number: number | null): boolean {
  return number !== null && ((mask >> BigInt(number)) & 1n) === 1n;
}
