/** The members of facts that are offsets in their file, whatever fact they are of. */
const OFFSETS: ReadonlySet<string> = new Set(['offset', 'start', 'end', 'statement']);

/** A copy of a piece of facts with every offset in it moved. */
export function relocateOffsets<T>(value: T, by: number): T;
export function relocateOffsets(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => relocateOffsets(item, by));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, relocateOffsets(item, by)]));
  if (typeof value !== 'object' || value === null) return value;
  const moved: Record<string, unknown> = { ...value };
  for (const [key, item] of Object.entries(moved)) {
    if (typeof item === 'object') moved[key] = relocateOffsets(item, by);
    else if (typeof item === 'number' && OFFSETS.has(key)) moved[key] = item + by;
  }
  return moved;
}
