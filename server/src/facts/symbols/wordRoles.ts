import { memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';
import type { Backend } from '../../backends/backend.js';
import { placeTables } from '../../backends/registry.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, CACHE_STRUCT, DIRTY_BITMAP, EMULATOR_ARRAY } from './cacheNames.js';
import type { TreeSymbols } from './treeSymbols.js';

/** What a word says of the code that it stands in, whatever that does with it. */
export interface WordRole {
  /** By it a function says something of registers or XSAVE state. */
  readonly isTelling: boolean;
  /** A macro that may make a register's name, touch an array of registers, or access hardware's fields. */
  readonly isMaking: boolean;
}

/** A tree's symbols, with what they make of a word. */
export interface FactSymbols extends TreeSymbols {
  readonly roleOf: (word: string) => WordRole;
  /** All that `roleOf` depends on: where it is the same text, each word has the same role. */
  readonly roleBasis: string;
  /**
   * Whether a word is the beginning of a name by which code reads, writes or marks registers, or has a character more than one; or
   * what such a function would be called of a register that has none.
   */
  readonly isHalfName: (word: string) => boolean;
}

/** Symbols that are still found out: no word has a role yet. */
export const withoutRoles = memoizeByIdentity((symbols: TreeSymbols): FactSymbols => {
  return { ...symbols, roleOf: () => PLAIN, isHalfName: () => false, roleBasis: '' };
});

const CACHE_WORDS: readonly string[] = [CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP];

/** A tree's symbols with the words that they make telling. */
export const factSymbols = memoizeByIdentity((symbols: TreeSymbols): FactSymbols => {
  const { structs, members, masks } = placeTables(symbols.backends);
  const { registers, accessors, indexed, fields, wrappers, vmEntryPathNames, egpr } = symbols;
  const names = new Set([
    ...[registers.byName, accessors, indexed, fields, wrappers, egpr.flags, structs, members, masks].flatMap(
      (known) => [...known.keys()],
    ),
    ...[vmEntryPathNames, egpr.macros, symbols.registerMacros, symbols.vmcbFunctions].flatMap((known) => [...known]),
    ...CACHE_WORDS,
    ...gluedCacheWords(symbols),
  ]);
  const isHalfBitmap = halfNames([AVAILABLE_BITMAP, DIRTY_BITMAP]);
  const isSpelledSo = tellingSpelling(symbols.backends)(specialNames(symbols));
  const roleOf = (word: string): WordRole => {
    const isTelling = names.has(word) || isSpelledSo(word) || isHalfBitmap(word);
    if (symbols.registerMakers.has(word)) return isTelling ? TELLING_MAKER : MAKER;
    return isTelling ? TELLING : PLAIN;
  };
  const isHalf = halfNames([
    ...[registers.byName, accessors, indexed, wrappers].flatMap((known) => [...known.keys()]),
    AVAILABLE_BITMAP,
    DIRTY_BITMAP,
  ]);
  const missing = missingAccessors(symbols);
  const isHalfName = (word: string) => isHalf(word) || missing.has(word);
  const basis = [[...names].sort(), [...symbols.registerMakers].sort(), [specialNames(symbols)]];
  return { ...symbols, roleOf, isHalfName, roleBasis: basis.map((part) => part.join(' ')).join('\n') };
});

/** What accessors that a macro makes would be called of registers for which it makes none. */
function missingAccessors({ accessors, registers }: TreeSymbols): ReadonlySet<string> {
  const forms = new Map<string, readonly [before: string, behind: string]>();
  for (const { name, member, instantiation } of accessors.values()) {
    const register = registers.byName.get(member)?.register.toLowerCase();
    const at = register === undefined || !instantiation ? -1 : name.indexOf(register);
    if (register === undefined || at < 0) continue;
    const [before, behind] = [name.slice(0, at), name.slice(at + register.length)];
    forms.set(`${before} ${behind}`, [before, behind]);
  }
  const gprs = registers.members.filter((member) => member.class !== 'special');
  const made = [...forms.values()].flatMap(([before, behind]) =>
    gprs.map(({ register }) => before + register.toLowerCase() + behind),
  );
  return new Set(made.filter((name) => !accessors.has(name)));
}

/** Characters of the shortest beginning that tells what it is of. */
const SHORTEST_HALF = 6;

/** Whether a word is a beginning of one of some names, or one of them with a character more. */
function halfNames(names: readonly string[]): (word: string) => boolean {
  const sorted = [...new Set(names)].sort();
  const known = new Set(names);
  return (word) => {
    if (word.length < SHORTEST_HALF || known.has(word)) return false;
    return known.has(word.slice(0, -1)) || (sorted[firstFrom(sorted, word)] ?? '').startsWith(word);
  };
}

/** The index of the first of sorted texts that does not come before another. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The cache's words behind the name of a member that is the cache's struct, where a `.` is missing: `archregs`. */
function gluedCacheWords({ types }: TreeSymbols): string[] {
  const holders = [...types.members.values()].flatMap((members) =>
    [...members].flatMap(([member, tag]) => (tag === CACHE_STRUCT ? [member] : [])),
  );
  return [...new Set(holders)].flatMap((holder) => CACHE_WORDS.map((word) => holder + word));
}

const PLAIN: WordRole = { isTelling: false, isMaking: false };
const TELLING: WordRole = { isTelling: true, isMaking: false };
const MAKER: WordRole = { isTelling: false, isMaking: true };
const TELLING_MAKER: WordRole = { isTelling: true, isMaking: true };

/**
 * Whether a word is telling by how it is spelled: a backend's accessor, or one with the name of a special register in it. The
 * names are a text, so that what was found of words stays known for as long as a tree has the same registers.
 */
const tellingSpelling = memoizeByIdentity((backends: readonly Backend[]) =>
  memoizeByName((specialNames) => {
    const special = new Set(specialNames.split(' '));
    const { functionNamed } = placeTables(backends);
    return memoizeByName(
      (word) => functionNamed(word) !== null || word.split('_').some((part) => part !== '' && special.has(part)),
    );
  }),
);

/** The names of registers that are no GPRs as functions and variables have them: `rflags`, of `kvm_x86_set_rflags` too. */
function specialNames({ registers }: TreeSymbols): string {
  const special = registers.members.filter((member) => member.class === 'special');
  return special.map(({ register }) => register.toLowerCase()).join(' ');
}
