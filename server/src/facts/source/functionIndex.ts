import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity, memoizeByMembers, memoizeByName } from '../../cache/memoize.js';
import { namesCalled } from './fileIndex.js';
import type { FunctionSource } from './functionSource.js';
import type { SourceOutline } from './sourceOutline.js';

const sourcesOf = memoizeByIdentity(({ functions }: SourceOutline): readonly FunctionSource[] =>
  functions.map(({ source }) => source),
);

/** The functions of a file that a word stands in, in the order of the text. Searched once for each word that is asked for. */
export const functionsNaming = memoizeByIdentity((file: SourceOutline) =>
  memoizeByName((word): readonly FunctionSource[] =>
    wordsOf(file).has(word) ? sourcesOf(file).filter(({ words }) => words.has(word)) : [],
  ),
);

/** The words that stand in a file's functions. */
const wordsOf = memoizeByIdentity((file: SourceOutline): ReadonlySet<string> => {
  const all = new Set<string>();
  for (const { words } of sourcesOf(file)) for (const word of words.keys()) all.add(word);
  return all;
});

/**
 * The functions of a file of which something holds. Each function is looked at once, whatever else of its file is edited.
 * Which ones they are is kept, under a name of its own.
 */
export function functionsThat(
  name: string,
  holds: (fn: FunctionSource) => boolean,
): (file: SourceOutline) => readonly FunctionSource[] {
  const isOne = memoizeByIdentity(holds);
  const places = memoizeByIdentity(
    (file: SourceOutline): readonly number[] => sourcesOf(file).flatMap((fn, at) => (isOne(fn) ? at : [])),
    keptTable(name),
  );
  return memoizeByIdentity((file: SourceOutline) => places(file).flatMap((at) => sourcesOf(file)[at] ?? []));
}

/** The functions of a file by the names that they call. */
const callersIn = memoizeByIdentity((file: SourceOutline): ReadonlyMap<string, readonly FunctionSource[]> => {
  const callers = new Map<string, FunctionSource[]>();
  for (const fn of sourcesOf(file)) {
    for (const name of namesCalled(fn)) {
      const known = callers.get(name);
      if (known) known.push(fn);
      else callers.set(name, [fn]);
    }
  }
  return callers;
});

/** The functions of a tree that call a name. */
export function functionsCalling(outlines: readonly SourceOutline[], name: string): readonly FunctionSource[] {
  return callersAmong(outlines)(name);
}

/** The first file of a tree that defines a function of a name; undefined for none. */
export function fileDefining(outlines: readonly SourceOutline[], name: string): SourceOutline | undefined {
  const [first] = definingAmong(outlines).get(name) ?? [];
  return first === undefined ? undefined : outlines[first];
}

/** Whether a file of a tree defines or declares a function of a name. */
export function isFunctionKnown(outlines: readonly SourceOutline[], name: string): boolean {
  return definingAmong(outlines).has(name) || declaringAmong(outlines).has(name);
}

const definingAmong = memoizeByIdentity((outlines: readonly SourceOutline[]) =>
  filesDefining(outlines.map(({ index }) => index.definedNames)),
);

const declaringAmong = memoizeByIdentity((outlines: readonly SourceOutline[]) =>
  filesDeclaring(outlines.map(({ index }) => index.declaredNames)),
);

const callersAmong = memoizeByIdentity((outlines: readonly SourceOutline[]) => {
  const files = filesByCall(outlines.map(({ index }) => index.calledNames));
  return memoizeByName((name): readonly FunctionSource[] =>
    (files.get(name) ?? []).flatMap((at) => {
      const file = outlines[at];
      return file ? (callersIn(file).get(name) ?? []) : [];
    }),
  );
});

/** Which of a tree's files have a name, by their places in the list. */
type FilesByName = ReadonlyMap<string, readonly number[]>;

const filesByCall = memoizeByMembers(filesByName);
const filesDefining = memoizeByMembers(filesByName);
const filesDeclaring = memoizeByMembers(filesByName);

function filesByName(files: readonly ReadonlySet<string>[]): FilesByName {
  const found = new Map<string, number[]>();
  files.forEach((names, at) => {
    for (const name of names) {
      const known = found.get(name);
      if (known) known.push(at);
      else found.set(name, [at]);
    }
  });
  return found;
}
