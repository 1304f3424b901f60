import { placeTables } from '../backends/registry.js';
import type { FunctionSource } from './source/functionSource.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, DIRTY_BITMAP, EMULATOR_ARRAY } from './symbols/cacheNames.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';

const CACHE_WORDS = [CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP];

/** Whether a function says anything of registers or XSAVE state, so that it is worth a parse. Told by its words alone. */
export function wantsParsing({ name, words }: FunctionSource, symbols: TreeSymbols): boolean {
  if (symbols.egpr.movers.has(name)) return true;
  for (const word of words.keys()) {
    if (matters(word, symbols)) return true;
  }
  return CACHE_WORDS.some((word) => words.has(word)) || symbols.stateFunctions.has(name);
}

function matters(word: string, symbols: TreeSymbols): boolean {
  const places = placeTables(symbols.backends);
  return (
    symbols.registers.byName.has(word) ||
    symbols.accessors.has(word) ||
    symbols.indexed.has(word) ||
    symbols.fields.has(word) ||
    symbols.wrappers.has(word) ||
    symbols.vmEntryPathNames.has(word) ||
    symbols.egpr.flags.has(word) ||
    symbols.egpr.macros.has(word) ||
    symbols.registerMacros.has(word) ||
    places.structs.has(word) ||
    places.members.has(word) ||
    places.functionNamed(word) !== null
  );
}
