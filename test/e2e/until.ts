import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when `holds` says so, asked every `pause` ms. Rejects with `explain`'s text when it is not within 40 s. */
export async function until(
  holds: () => Promise<boolean>,
  explain: () => string,
  { pause = 50 }: { readonly pause?: number } = {},
): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(explain());
    await delay(pause);
  }
}
