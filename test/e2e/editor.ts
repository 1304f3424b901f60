import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { until } from './until.js';

/** A line of a file: absolute path, and 1-based line. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Runs the command with this title from the command palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await quickInput(page, `>${title}`, title);
}

/**
 * Splits the editor: a second group on its right, which is the active one. By keys: the palette gives the focus back to where it was, which
 * may be after the split.
 */
export async function splitEditor(page: Page): Promise<void> {
  await page.keyboard.press('Control+Backslash');
  const right = page.locator('.editor-group-container').nth(1);
  await right.waitFor();
  await page.keyboard.press('Control+2');
  await right.locator('.monaco-editor.focused').waitFor();
}

/** Closes the editors of all groups but the active one, which is the only one then. */
export async function closeOtherGroups(page: Page): Promise<void> {
  await runCommand(page, 'View: Close Editors in Other Groups');
  await expect.poll(() => page.locator('.editor-group-container').count()).toBe(1);
}

/** Opens a file with the cursor at the beginning of a token, and the mouse out of the way. */
export async function openAt(page: Page, { file, line, column }: Place & { readonly column: number }): Promise<void> {
  await page.mouse.move(0, 0);
  await quickInput(page, `${file}:${line}:${column}`, file.slice(file.lastIndexOf('/') + 1));
  await isAt(page, { file, line });
}

/** Waits for the command palette to have a command with this title, and closes it. */
export async function hasCommand(page: Page, title: string): Promise<void> {
  await askQuickInput(page, `>${title}`, title);
  await page.keyboard.press('Escape');
}

/** Types into the quick input that F1 opens and takes its first answer, which must show `label`; waits for there to be one. */
async function quickInput(page: Page, text: string, label: string): Promise<void> {
  const input = quickInputOf(page);
  await askQuickInput(page, text, label);
  await page.keyboard.press('Enter');
  // The command may ask in the same widget: it is taken when the text is gone, not when the widget is.
  await expect.poll(async () => (await input.isVisible()) && (await input.inputValue())).not.toBe(text);
}

function quickInputOf(page: Page): Locator {
  return page.locator('.quick-input-widget .quick-input-box input.input');
}

/** Types into the quick input that F1 opens, and waits for an answer that shows `label`. */
async function askQuickInput(page: Page, text: string, label: string): Promise<void> {
  const input = quickInputOf(page);
  const answers = page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
  await until(
    async () => {
      await page.keyboard.press('F1');
      await input.fill(text, { timeout: 3_000 }).catch(() => undefined); // a key that came too early opens nothing
      const answer = answers.filter({ hasText: label }).first();
      const isThere = await answer.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false, // an extension's commands come after the palette
      );
      if (!isThere) await page.keyboard.press('Escape'); // the same text asks nothing again
      return isThere;
    },
    () => `nothing for ${text}`,
  );
}

/** Takes the first answer of the pick that a command shows, which must show `label`; `before` that is done first. */
export async function pickFirst(page: Page, label: string, before: () => Promise<void>): Promise<void> {
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: label }).waitFor();
  await before();
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Presses Tab until what has the focus is labelled so: what it shows, or its label for a screen reader, begins with that. */
export async function tabTo(page: Page, label: string): Promise<void> {
  const focused = page.locator(':focus');
  const isThere = async (): Promise<boolean> => {
    if ((await focused.count()) !== 1) return false;
    const [text, spoken] = [await focused.innerText(), await focused.getAttribute('aria-label')];
    return text.trim().startsWith(label) || spoken?.startsWith(label) === true;
  };
  await until(
    async () => {
      await page.keyboard.press('Tab');
      return isThere();
    },
    () => `Tab does not lead to ${label}`,
  );
}

/** Waits for the window's kernel tree to be read, which the status bar says; a loaded machine takes its time. */
export async function treeIsRead(page: Page): Promise<void> {
  await page.locator('.statusbar-item', { hasText: /Linux \d/ }).waitFor({ timeout: 120_000 });
}

/** Waits for the active editor to have its cursor there. */
export async function isAt(page: Page, { file, line }: Place): Promise<void> {
  await expect.poll(() => cursorPlace(page)).toEqual({ file, line });
}

/** Where the active editor's cursor is, as the tab and the status bar say; null when no editor is open. */
export async function cursorPlace(page: Page): Promise<Place | null> {
  const tab = page.locator('.editor-group-container.active .tab.active .tab-label');
  const file = (await tab.count()) === 0 ? null : await tab.first().getAttribute('aria-label');
  const selection = page.locator('#status\\.editor\\.selection');
  const text = (await selection.count()) === 0 ? '' : await selection.innerText();
  const line = /Ln (\d+)/.exec(text)?.[1];
  return file === null || line === undefined ? null : { file, line: Number(line) };
}

/** The text of each lens that is on the screen, from top to bottom: those of one line are one, with ` | ` between. */
export async function visibleLenses(page: Page): Promise<string[]> {
  const lenses = await shownLenses(page).evaluateAll((nodes) =>
    nodes.map((node) => ({ top: node.getBoundingClientRect().top, text: node.textContent })),
  );
  return lenses.sort((a, b) => a.top - b.top).map(({ text }) => plain(text));
}

/** The lenses that are on the screen. */
export function shownLenses(page: Page): Locator {
  return page.locator('.editor-instance .codelens-decoration').filter({ visible: true });
}

/** Clicks each link of the lenses on the screen in turn, and waits for it to show a place; `before` each is done first. */
export async function runShownLenses(page: Page, before: () => Promise<void>): Promise<void> {
  await before();
  const links = shownLenses(page).locator('a');
  const count = await links.count();
  expect(count).toBeGreaterThan(0);
  for (let index = 0; index < count; index++) {
    await before();
    const start = await cursorPlace(page);
    await links.nth(index).click();
    await showsAnotherPlace(page, start);
    await page.keyboard.press('Escape');
  }
}

/** Waits for a peek, or for the cursor to be elsewhere than `start`. */
async function showsAnotherPlace(page: Page, start: Place | null): Promise<void> {
  const peek = page.locator('.peekview-widget');
  await until(
    async () => (await peek.isVisible()) || JSON.stringify(await cursorPlace(page)) !== JSON.stringify(start),
    () => 'the lens showed nothing',
  );
}

/**
 * Points the mouse at the cursor and gives the hover's texts once each of `expected` is in one. Points again where lenses move the
 * cursor, where the hover is then another line's, and while none shows: the extension may not be active yet, and a mouse that rests
 * asks nothing.
 */
export async function hoverAtCursor(page: Page, ...expected: readonly string[]): Promise<string[]> {
  const rows = page.locator('.monaco-hover:not(.hidden) .hover-row');
  let texts: string[] = [];
  let pointings = 0;
  await until(
    async () => {
      texts = (await rows.allInnerTexts()).map(plain);
      const isLoading = texts.some((text) => text.includes('Loading...'));
      const isExpected = expected.every((one) => texts.some((text) => text.includes(one)));
      if (!isExpected && !isLoading) await pointAtCursor(page, pointings++ % 2);
      return isExpected && !isLoading;
    },
    () => `no hover says ${expected.join(' and ')}: ${JSON.stringify(texts)}`,
    { pause: 500 },
  );
  return texts;
}

/** Clicks a link of the hover that shows. */
export async function clickHoverLink(page: Page, text: string): Promise<void> {
  await page.locator('.monaco-hover:not(.hidden) a', { hasText: text }).first().click();
}

/** Moves the mouse to one of two characters behind the cursor: VS Code asks once for each. */
async function pointAtCursor(page: Page, place: number): Promise<void> {
  const box = await page.locator('.monaco-editor.focused .cursors-layer .cursor').first().boundingBox();
  if (box) await page.mouse.move(box.x + 4 + 12 * place, box.y + box.height / 2);
}

/** With ordinary spaces only. */
function plain(text: string): string {
  return text.replace(/\u00a0/g, ' ').trim();
}
