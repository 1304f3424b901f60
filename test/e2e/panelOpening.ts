import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import { runCommand } from './editor.js';

/** When a webview panel that a command opens gets as far as each step, in ms from the key that runs the command. */
export interface Opening {
  /** The panel is there, empty: the command has come to the extension, which has made it. */
  readonly panel: number;
  /** VS Code's part of the webview has started and takes the page. */
  readonly ready: number;
  /** The page has what is looked for. */
  readonly content: number;
  /** A frame with it was drawn. */
  readonly drawn: number;
}

/** Runs a command that opens a webview panel, and times it until the panel's page shows `selector`. */
export async function openPanel(page: Page, command: string, selector: string): Promise<Opening> {
  const watch = await page.evaluateHandle((wanted) => {
    const times: Record<string, number> = {};
    const note = (step: string): void => {
      times[step] ??= performance.now();
    };
    addEventListener(
      'keydown',
      (event) => {
        if (event.key === 'Enter') note('key');
      },
      { capture: true },
    );
    const look = (): void => {
      // A webview's page is a frame in a frame, of the workbench's origin here; it has another name until it has loaded.
      const webview = [...document.querySelectorAll<HTMLIFrameElement>('iframe.webview')].at(-1);
      if (times['key'] !== undefined && webview) note('panel');
      if (webview?.classList.contains('ready')) note('ready');
      const inner = webview?.contentDocument?.querySelector<HTMLIFrameElement>('iframe#active-frame');
      if (inner?.contentDocument?.querySelector(wanted)) {
        note('content');
        requestAnimationFrame(() => {
          requestAnimationFrame(() => {
            note('drawn');
          });
        });
      } else requestAnimationFrame(look);
    };
    look();
    return times;
  }, selector);
  await runCommand(page, command);
  await expect.poll(() => watch.evaluate((times) => times['drawn'] ?? 0)).toBeGreaterThan(0);
  const times = await watch.evaluate((seen) => seen);
  const since = (step: string): number => (times[step] ?? NaN) - (times['key'] ?? NaN);
  return { panel: since('panel'), ready: since('ready'), content: since('content'), drawn: since('drawn') };
}
