import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { workbench } from '../../scripts/install-workbench.mjs';
import { packExtension } from '../../scripts/package.mjs';
import { packageNeighbour } from './packageNeighbour.js';
import { installExtensions } from './workbench.js';

/** What all workbenches of a run are made with. */
export interface Packages {
  /** Our extension's package. */
  readonly vsix: string;
  /** A directory in which our extension is installed, and one that has the neighbour of neighbour/ beside it. */
  readonly installed: { readonly alone: string; readonly withNeighbour: string };
}

declare module 'vitest' {
  export interface ProvidedContext {
    packages: Packages;
  }
}

/** Packs and installs the extensions once for all suites, and gives what removes them; nothing where VS Code's workbench is not installed. */
export default async function setup({ provide }: TestProject): Promise<(() => void) | undefined> {
  if (!existsSync(workbench)) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'vsix-'));
  const vsix = join(directory, 'kvm-register-lens.vsix');
  await packExtension(vsix);
  const neighbourDirectory = join(directory, 'neighbour');
  mkdirSync(neighbourDirectory);
  const neighbour = await packageNeighbour(neighbourDirectory);
  const alone = join(directory, 'alone');
  const withNeighbour = join(directory, 'with-neighbour');
  installExtensions(alone, [vsix]);
  installExtensions(withNeighbour, [vsix, neighbour]);
  provide('packages', { vsix, installed: { alone, withNeighbour } });
  return () => {
    rmSync(directory, { recursive: true });
  };
}
