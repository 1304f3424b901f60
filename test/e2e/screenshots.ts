import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Locator, Page } from 'playwright-core';
import { root } from '../../scripts/setup.mjs';

/** Takes a picture for the documentation, NAME.png in the directory that `KVM_E2E_SCREENSHOTS` names, when that is set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env['KVM_E2E_SCREENSHOTS'];
  if (directory) await save(page, directory, name);
}

/** How large a picture of the walkthrough is, in pixels: what VS Code shows beside the steps, nearly as large as it is. */
const STEP_PICTURE = { width: 760, height: 440 };

/** Takes a picture for a step of the walkthrough, around `shown`, NAME.png in the directory that `KVM_E2E_WALKTHROUGH` names, when that is set. */
export async function walkthroughPicture(page: Page, name: string, shown: Locator): Promise<void> {
  const directory = process.env['KVM_E2E_WALKTHROUGH'];
  if (!directory) return;
  const [box, room] = [await shown.boundingBox(), page.viewportSize()];
  if (!box || !room) throw new Error(`nothing to take a picture of: ${name}`);
  const { width, height } = STEP_PICTURE;
  const x = startOfCut(box.x, box.width, width, room.width);
  const y = startOfCut(box.y, box.height, height, room.height);
  await save(page, directory, name, { x, y, width, height });
}

/** Where a cut of a length begins that has a part of a room in its middle, or the part's beginning where that is longer. */
function startOfCut(start: number, length: number, cut: number, room: number): number {
  const wanted = length > cut ? start : start + (length - cut) / 2;
  return Math.max(0, Math.min(wanted, room - cut));
}

/** Takes a picture of a test that failed: out/e2e/NAME.png. */
export async function pictureOfFailure(page: Page, name: string): Promise<void> {
  await save(page, 'out/e2e', name.replace(/\W+/g, '-'));
}

/** A part of the window, in pixels. */
interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function save(page: Page, directory: string, name: string, part: Part | null = null): Promise<void> {
  mkdirSync(join(root, directory), { recursive: true });
  await page.screenshot({
    path: join(root, directory, `${name}.png`),
    animations: 'disabled',
    ...(part && { clip: part }),
  });
}
