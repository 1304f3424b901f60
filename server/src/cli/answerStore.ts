import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { cacheDirectory } from '../store/cacheDirectory.js';
import { openStore } from '../store/recordStore.js';
import { realDisk } from '../tree/disk.js';
import type { KernelTree } from '../tree/findKernelTree.js';
import { pathInside } from '../tree/relevantDirectories.js';
import { requireUsage } from './commandError.js';
import type { BuildStore } from '../store/treeRecords.js';
import type { TreeRequest } from './treeRequest.js';

/** Where answers are kept; null for nowhere. The limit is in bytes. */
export interface CacheSettings {
  readonly directory: string | null;
  readonly limit: number;
}

const MEGABYTE = 1_000_000;

/** Megabytes. */
const USUAL_LIMIT = '200';

/**
 * What the environment says of the cache.
 * @throws CommandError for a KVM_REGS_CACHE_LIMIT that is no number.
 */
export function cacheSettings(): CacheSettings {
  const limit = process.env['KVM_REGS_CACHE_LIMIT'] ?? USUAL_LIMIT;
  requireUsage(/^\d{1,9}$/.test(limit), `KVM_REGS_CACHE_LIMIT is a number of megabytes, not '${limit}'`);
  return { directory: cacheDirectory(process.env, process.platform), limit: Number(limit) * MEGABYTE };
}

/** The store for answers to a request; null where none is to be used, or there is nowhere to have one. */
export function answerStore({ options }: TreeRequest, tree: KernelTree): BuildStore | null {
  // What `--html` writes is a file, which is written each time.
  if (options.has('no-cache') || options.has('html')) return null;
  const { directory, limit } = cacheSettings();
  const build = buildId();
  if (directory === null || limit === 0 || build === null || isInTree(tree, directory)) return null;
  return { records: openStore(directory, limit), build };
}

/** What the build wrote beside the program, other for each other program; null where it is not there. */
function buildId(): string | null {
  try {
    return readFileSync(new URL('build-id', import.meta.url), 'utf8');
  } catch {
    return null;
  }
}

/** Whether a directory, which need not be there yet, lies in a tree. */
function isInTree(tree: KernelTree, directory: string): boolean {
  const target = realDisk.target(directory);
  if ('value' in target) return pathInside(tree.root, target.value.path) !== undefined;
  const parent = dirname(directory);
  return parent !== directory && isInTree(tree, parent);
}
