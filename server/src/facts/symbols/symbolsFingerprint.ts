import { memoizeByFingerprint, memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { fileTypes } from '../source/typeTables.js';
import type { TreeSymbols } from './treeSymbols.js';

/** A tree's symbols with the outlines that they were resolved from, and what else a result depends on. */
interface FingerprintInput<Symbols> {
  readonly symbols: Symbols;
  readonly outlines: readonly SourceOutline[];
  readonly more: readonly string[];
}

/**
 * Gives what was made for a tree's symbols the last time, as long as they are the same but for positions, else what is made now.
 * So what is made must not depend on a position that a symbol has. `more` is what else it depends on, as texts.
 */
export function memoizeBySymbols<Symbols extends TreeSymbols, Result>(
  make: (symbols: Symbols) => Result,
): (outlines: readonly SourceOutline[], symbols: Symbols, more?: readonly string[]) => Result {
  const memoized = memoizeByFingerprint(symbolsFingerprint, ({ symbols }: FingerprintInput<Symbols>) => make(symbols));
  return (outlines, symbols, more = []) => memoized({ symbols, outlines, more });
}

/** Symbols with the same fingerprint give every file the same facts. Facts hold only positions of their own file, so no position counts. */
function symbolsFingerprint({ symbols, outlines, more }: FingerprintInput<TreeSymbols>): readonly string[] {
  return [...more, ...Object.values(PARTS).map((part) => part(symbols)), ...outlines.map(macrosAndTypes)];
}

/** What counts of each of a tree's symbols. One that is forgotten here does not compile. */
const PARTS: Readonly<Record<keyof TreeSymbols, (symbols: TreeSymbols) => string>> = {
  registers: ({ registers }) => withoutPositions([registers.members, registers.numberMacros, registers.slots]),
  registerMacros: (symbols) => withoutPositions(symbols.registerMacros),
  // What these are is in the macros' bodies.
  registerMakers: () => '',
  asmMacros: (symbols) => withoutPositions(symbols.asmMacros),
  fields: (symbols) => withoutPositions(symbols.fields),
  indexed: (symbols) => withoutPositions(symbols.indexed),
  accessors: (symbols) => withoutPositions(symbols.accessors),
  wrappers: (symbols) => withoutPositions(symbols.wrappers),
  decoders: (symbols) => withoutPositions(symbols.decoders),
  stateFunctions: (symbols) => withoutPositions(symbols.stateFunctions),
  vmcbFunctions: (symbols) => withoutPositions(symbols.vmcbFunctions),
  opaqueEntries: (symbols) => withoutPositions(symbols.opaqueEntries),
  vmEntryPathNames: (symbols) => withoutPositions(symbols.vmEntryPathNames),
  egpr: (symbols) => withoutPositions(symbols.egpr),
  backends: ({ backends }) => backends.map(({ name }) => name).join(' '),
  // A tree's macros and types are those of its files: `macrosAndTypes`, which is made once for a file's text.
  macros: () => '',
  fileMacros: () => '',
  types: () => '',
};

/** Members that say where something stands. */
const POSITIONS: ReadonlySet<string> = new Set(['offset', 'start', 'end', 'nameStart', 'line', 'column', 'statement']);

/** A value as text: maps and sets by their entries, objects without positions. */
function withoutPositions(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => {
    if (POSITIONS.has(key)) return undefined;
    return member instanceof Map || member instanceof Set ? Array.from<unknown>(member) : member;
  });
}

/** A file's macros and types as text. */
const macrosAndTypes = memoizeByIdentity((file: SourceOutline): string => {
  const macros = file.directives.macros.map(({ name, parameters, variadic, body }) => [
    name,
    parameters,
    variadic,
    body.map((token) => token.text).join(' '),
  ]);
  const { structs, returns } = fileTypes(file);
  const types = [...structs.values()].flatMap((parts) =>
    [...parts].map(([tag, members]) => [
      withoutOffset(tag),
      [...members.keys()],
      [...members.values()].map(withoutOffset),
    ]),
  );
  return JSON.stringify([macros, types, [...returns]]);
});

/** The tag of a struct without a name holds where it stands. */
function withoutOffset(tag: string): string {
  return tag.replace(/\{\d+/g, '{');
}
