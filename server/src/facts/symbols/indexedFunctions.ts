import type { FunctionSource } from '../source/functionSource.js';
import type { TreeReader } from '../source/functionTree.js';
import { indexedKind } from './indexedKind.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { LONGEST_HELPER, MOST_ROUNDS, treesNaming } from '../source/treeSearch.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, DIRTY_BITMAP, EMULATOR_ARRAY } from './cacheNames.js';
import type { IndexedFunction, TreeSymbols } from './treeSymbols.js';

/** The functions that take a register's number, from those that touch the arrays and bitmaps up to those that pass it on. */
export function indexedFunctions(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
): Map<string, IndexedFunction> {
  const storage = [CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP];
  const found = new Map<string, IndexedFunction>();
  let wanted: readonly string[] = storage;
  for (let round = 0; round < MOST_ROUNDS && wanted.length > 0; round++) {
    const isWanted = ({ name, code }: FunctionSource) => !found.has(name) && code.length < LONGEST_HELPER;
    const fresh: string[] = [];
    for (const { tree, name, file, offset } of treesNaming(read, outlines, wanted, isWanted)) {
      const summary = indexedKind({ tree, symbols: { ...symbols, indexed: found } });
      if (!summary || found.has(name)) continue;
      found.set(name, { ...summary, name, file, offset });
      fresh.push(name);
    }
    wanted = fresh;
  }
  return found;
}
