import type { Page } from 'playwright-core';

/** Has `type` press keys, and gives for each the ms from the key to the end of the frame that the workbench drew after it. */
export async function keyLatencies(page: Page, type: () => Promise<void>): Promise<number[]> {
  const watch = await page.evaluateHandle(() => {
    const times: number[] = [];
    const over = new AbortController();
    const note = ({ timeStamp }: KeyboardEvent): void => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel(); // its message comes behind the frame
        port1.onmessage = () => times.push(performance.now() - timeStamp);
        port2.postMessage(null);
      });
    };
    addEventListener('keydown', note, { capture: true, signal: over.signal });
    return { times, over };
  });
  await type();
  return watch.evaluate(({ times, over }) => {
    over.abort();
    return times;
  });
}

/** Has `act` done, and gives the ms from its end until the lenses on the screen no longer say `text`. */
export async function msUntilLensesLose(page: Page, text: string, act: () => Promise<void>): Promise<number> {
  await act();
  return page.evaluate(
    (lost) =>
      new Promise<number>((resolve) => {
        const began = performance.now();
        const look = (): void => {
          const lenses = [...document.querySelectorAll('.editor-instance .codelens-decoration')];
          if (lenses.some(({ textContent }) => textContent.includes(lost))) requestAnimationFrame(look);
          else resolve(performance.now() - began);
        };
        look();
      }),
    text,
  );
}
