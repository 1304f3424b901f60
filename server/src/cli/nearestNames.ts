/**
 * What may have been meant by a name that is none: the nearest of the names, at most three, in their order. A name is near that
 * one or two slips of the fingers make of it, one for each three characters; upper and lower case are the same.
 *
 * Our own, because it is one short function, and what the npm package would bundle has to be licensed, pinned and told of.
 */
export function nearestNames(written: string, names: readonly string[]): string[] {
  const wanted = written.toUpperCase();
  const limit = Math.min(2, Math.ceil(wanted.length / 3));
  const near = [...new Set(names)]
    .map((name) => ({ name, slips: slipsBetween(wanted, name.toUpperCase(), limit) }))
    .filter(({ slips }) => slips <= limit);
  const least = Math.min(...near.map(({ slips }) => slips));
  return near.flatMap(({ name, slips }) => (slips === least ? [name] : [])).slice(0, 3);
}

/** `; did you mean X?`, or nothing where no name is near. */
export function suggestion(written: string, names: readonly string[]): string {
  const near = nearestNames(written, names);
  const last = near.at(-1);
  if (last === undefined) return '';
  return `; did you mean ${near.length === 1 ? last : `${near.slice(0, -1).join(', ')} or ${last}`}?`;
}

/**
 * How many characters were left out, added, mistaken or swapped with their neighbour: the optimal string alignment distance.
 * Infinity where more than the limit by length alone.
 */
function slipsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (row[j - 1] ?? 0) + 1,
          (last[j] ?? 0) + 1,
          (last[j - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? Infinity;
}
