import process from 'node:process';
import { openBuildStore, type BuildStore, type CacheSettings } from '../store/buildStore.js';
import { cacheDirectory, cacheLimit } from '../store/cacheDirectory.js';
import { isDirectoryInTree } from '../tree/directoryInTree.js';
import type { KernelTree } from '../tree/findKernelTree.js';
import { requireUsage } from './commandError.js';
import type { TreeRequest } from './treeRequest.js';

/**
 * What the environment says of the cache.
 * @throws CommandError for a KVM_REGS_CACHE_LIMIT that is no number.
 */
export function cacheSettings(): CacheSettings {
  const limit = cacheLimit(process.env);
  const given = process.env['KVM_REGS_CACHE_LIMIT'] ?? '';
  requireUsage(limit !== null, `KVM_REGS_CACHE_LIMIT is a number of megabytes, not '${given}'`);
  return { directory: cacheDirectory(process.env, process.platform), limit: limit ?? 0 };
}

/** The store for answers to a request; null where none is to be used, or there is nowhere to have one. */
export function answerStore({ options }: TreeRequest, tree: KernelTree): BuildStore | null {
  // What `--html` writes is a file, which is written each time.
  if (options.has('no-cache') || options.has('html')) return null;
  const settings = cacheSettings();
  if (settings.directory !== null && isDirectoryInTree(tree, settings.directory)) return null;
  return openBuildStore(settings, new URL('.', import.meta.url));
}
