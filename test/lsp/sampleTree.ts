import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { samplePath } from '../samples.js';

/** Where the registers' enum is, in every sample. */
export const KVM_HOST = 'arch/x86/include/asm/kvm_host.h';

/** A copy of a sample tree that a test may change, gone when the test ends; its absolute path, without symbolic links. */
export function sampleCopy(name: string): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kvm-regs-sample-')));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  cpSync(samplePath(name), root, { recursive: true });
  return root;
}

/** The text of a tree's file. */
export function textOf(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
