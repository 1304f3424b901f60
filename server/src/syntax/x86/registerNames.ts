/** `RBX`, `RDI R8-R15`: registers' names, those with consecutive numbers as a range. */
export function registerNames(names: readonly string[]): string {
  const runs: string[][] = [];
  for (const name of names) {
    const run = runs.at(-1);
    if (run && registerNumber(name) === registerNumber(run.at(-1) ?? '') + 1) run.push(name);
    else runs.push([name]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0] ?? ''}-${run.at(-1) ?? ''}` : run.join(' '))).join(' ');
}

/** 8 of R8; NaN of RAX. */
function registerNumber(name: string): number {
  return Number(/^R(\d+)$/.exec(name)?.[1]);
}
