import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A directory for what programs of this run keep. */
    storeOfRun: string;
  }
}

/** Makes the directory, and gives what removes it. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-store-'));
  project.provide('storeOfRun', directory);
  return () => {
    rmSync(directory, { recursive: true });
  };
}
