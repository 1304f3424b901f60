/** The names of registers in a row, those of a run by its ends: `RAX RCX R8-R15`. */
export function namesText(names: readonly string[]): string {
  const shown: string[] = [];
  for (let at = 0; at < names.length;) {
    const last = endOfRun(names, at);
    const [first = '', end = ''] = [names[at], names[last]];
    if (last - at >= SHORTEST_RUN - 1) shown.push(`${first}-${end}`);
    else shown.push(...names.slice(at, last + 1));
    at = last + 1;
  }
  return shown.join(' ');
}

/** Registers that are worth a run. */
const SHORTEST_RUN = 3;

/** The index of the last register of a run of numbered ones, R8 R9 R10, that begins at an index. */
function endOfRun(names: readonly string[], from: number): number {
  let at = from;
  while (numberOf(names[at]) !== null && numberOf(names[at + 1]) === (numberOf(names[at]) ?? 0) + 1) at++;
  return at;
}

function numberOf(name: string | undefined): number | null {
  const digits = /^R(\d+)$/.exec(name ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
