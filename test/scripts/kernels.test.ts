import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kernelsIn } from '../kernels.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kernels-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('finds trees and archives, oldest first, and unpacks an archive once', () => {
  const kernels = join(directory, 'kernels');
  const more = join(directory, 'more');
  const cache = join(directory, 'cache');
  mkdirSync(join(kernels, 'linux-9.9/arch'), { recursive: true });
  mkdirSync(join(directory, 'linux-9.10/arch'), { recursive: true });
  mkdirSync(join(more, 'linux-9.8/arch'), { recursive: true });
  mkdirSync(join(kernels, 'notes'));
  spawnSync('tar', ['-C', directory, '-cJf', join(kernels, 'linux-9.10-kvm.tar.xz'), 'linux-9.10']);

  const found = kernelsIn([kernels, more], cache);
  expect(found.map((kernel) => kernel.version)).toEqual(['9.8', '9.9', '9.10']);
  expect(found.every((kernel) => existsSync(join(kernel.root, 'arch')))).toBe(true);
  expect(kernelsIn([kernels, more], cache)).toEqual(found);
  expect(readdirSync(cache)).toHaveLength(1);
});
