import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves with what `read` gives as soon as that is truthy. Rejects with `explain`'s text when it is not within `seconds`.
 */
export async function until<T>(
  read: () => Promise<T | null | undefined | false>,
  explain: () => string,
  seconds = 20,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(explain());
    await delay(50);
  }
}
