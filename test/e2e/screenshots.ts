import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Page } from 'playwright-core';
import { root } from '../../scripts/setup.mjs';

/** Takes a picture for the documentation, NAME.png in the directory that `KVM_E2E_SCREENSHOTS` names, when that is set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env['KVM_E2E_SCREENSHOTS'];
  if (directory) await save(page, directory, name);
}

/** Takes a picture of a test that failed: out/e2e/NAME.png. */
export async function pictureOfFailure(page: Page, name: string): Promise<void> {
  await save(page, 'out/e2e', name.replace(/\W+/g, '-'));
}

async function save(page: Page, directory: string, name: string): Promise<void> {
  mkdirSync(join(root, directory), { recursive: true });
  await page.screenshot({ path: join(root, directory, `${name}.png`), animations: 'disabled' });
}
