import type { FunctionSource } from '../source/functionSource.js';
import type { TreeReader } from '../source/functionTree.js';
import { indexedKind } from './indexedKind.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { functionsNamingAny, LONGEST_HELPER, MOST_ROUNDS } from '../source/treeSearch.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, DIRTY_BITMAP, EMULATOR_ARRAY } from './cacheNames.js';
import { treeFindings } from './keptFindings.js';
import type { IndexedFunction, TreeSymbols } from './treeSymbols.js';

const summaries = treeFindings('indexedKind', indexedKind);

/** The functions that take a register's number, from those that touch the arrays and bitmaps up to those that pass it on. */
export function indexedFunctions(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
): Map<string, IndexedFunction> {
  const storage = [CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP];
  const found = new Map<string, IndexedFunction>();
  const known = { ...symbols, indexed: found };
  let wanted: readonly string[] = storage;
  for (let round = 0; round < MOST_ROUNDS && wanted.length > 0; round++) {
    const isWanted = ({ name, code }: FunctionSource) => !found.has(name) && code.length < LONGEST_HELPER;
    const fresh: string[] = [];
    for (const { source, name, file, offset } of functionsNamingAny(outlines, wanted, isWanted)) {
      const summary = summaries({ read, symbols: known }, source).find((one) => one !== null);
      if (!summary || found.has(name)) continue;
      found.set(name, { ...summary, name, file, offset });
      fresh.push(name);
    }
    wanted = fresh;
  }
  return found;
}
