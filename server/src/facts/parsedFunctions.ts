import { memoizeByIdentity, memoizeByName } from '../cache/memoize.js';
import { placeTables } from '../backends/registry.js';
import type { FunctionSource } from './source/functionSource.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, DIRTY_BITMAP, EMULATOR_ARRAY } from './symbols/cacheNames.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';

const CACHE_WORDS: ReadonlySet<string> = new Set([CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP]);

/** Whether a function says anything of registers or XSAVE state, so that it is worth a parse. Its words alone decide. */
export function wantsParsing({ name, words }: FunctionSource, symbols: TreeSymbols): boolean {
  const { egpr, stateFunctions } = symbols;
  if ([egpr.movers, egpr.flagCallers, stateFunctions].some((functions) => functions.has(name))) return true;
  const isTelling = tellingWords(symbols);
  for (const word of words.keys()) if (isTelling(word)) return true;
  return false;
}

/** Whether a word is one by which a function says something: the same for all functions of a tree, so that each is looked up once. */
export const tellingWords = memoizeByIdentity((symbols: TreeSymbols) => {
  const places = placeTables(symbols.backends);
  const names = [
    ...[symbols.registers.byName, symbols.accessors, symbols.indexed, symbols.fields, symbols.wrappers],
    ...[
      symbols.vmEntryPathNames,
      symbols.egpr.flags,
      symbols.egpr.macros,
      symbols.registerMacros,
      symbols.vmcbFunctions,
    ],
    ...[places.structs, places.members, places.masks, CACHE_WORDS],
  ];
  const special = specialNames(symbols);
  return memoizeByName(
    (word) =>
      names.some((known) => known.has(word)) ||
      places.functionNamed(word) !== null ||
      word.split('_').some((part) => special.has(part)),
  );
});

/** The names of registers that are no GPRs as functions and variables have them: `rflags`, of `kvm_x86_set_rflags` too. */
function specialNames({ registers }: TreeSymbols): ReadonlySet<string> {
  const special = registers.members.filter((member) => member.class === 'special');
  return new Set(special.map(({ register }) => register.toLowerCase()));
}
