import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { kernel72 } from './kernel72.js';
import { pictureOfFailure } from './screenshots.js';
import { startWorkbench, type Workbench } from './workbench.js';

/** How a suite's workbench differs from one with our extension only, as users have it. */
export interface Difference {
  readonly hasNeighbour?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The folders that are open; the Linux 7.2 tree where nothing is said. */
  readonly folders?: () => readonly string[];
}

/** Gives the tests of a suite one workbench. Its page is there when they run. */
export function useWorkbench({
  hasNeighbour = false,
  settings = {},
  folders = () => [kernel72()],
}: Difference = {}): () => Page {
  let workbench: Workbench | null = null;

  beforeAll(async () => {
    const { alone, withNeighbour } = inject('packages').installed;
    const extensions = hasNeighbour ? withNeighbour : alone;
    workbench = await startWorkbench({ extensions, folders: folders(), settings });
  });
  afterEach(async ({ task }) => {
    if (workbench && task.result?.state === 'fail') await pictureOfFailure(workbench.page, task.name);
  });
  afterAll(async () => {
    await workbench?.close();
  });

  return () => {
    if (!workbench) throw new Error('the workbench is not started');
    return workbench.page;
  };
}
