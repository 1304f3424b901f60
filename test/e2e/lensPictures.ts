import type { Page } from 'playwright-core';

/** What an editor's lenses look like in one frame: the height and the text of each that is on the screen. */
export type LensPicture = readonly { readonly top: number; readonly text: string }[];

/** Every different picture of the lenses that was drawn while `act` ran, in order. */
export async function lensPictures(page: Page, act: () => Promise<void>): Promise<LensPicture[]> {
  const pictures = await page.evaluateHandle(() => {
    const seen: string[] = [];
    const watch = { seen, isOver: false };
    const look = (): void => {
      const lenses = [...document.querySelectorAll<HTMLElement>('.editor-instance .codelens-decoration')];
      const shown = lenses.filter((lens) => getComputedStyle(lens).visibility === 'visible');
      const picture = shown.map((lens) => ({ top: lens.getBoundingClientRect().top, text: lens.textContent }));
      const text = JSON.stringify(picture.sort((a, b) => a.top - b.top));
      if (seen.at(-1) !== text) seen.push(text);
      if (!watch.isOver) requestAnimationFrame(look);
    };
    look();
    return watch;
  });
  await act();
  const seen = await pictures.evaluate((watch) => {
    watch.isOver = true;
    return watch.seen;
  });
  return seen.map((text) => JSON.parse(text) as LensPicture);
}
