import type { KeptTable } from './keptTables.js';

/*
 * Everything that is remembered between two readings of a tree is remembered by one of these, or in a table of `keptTables.ts`.
 * All of them keep results of pure functions, so that forgetting one costs time and changes nothing.
 */

/** A pure computation that is done when its result is first asked for. */
export function lazy<Result>(compute: () => Result): () => Result {
  let known: { readonly result: Result } | null = null;
  return () => (known ??= { result: compute() }).result;
}

/**
 * By identity: a pure function of an object, computed once for each and kept as long as the object lives; in a table of
 * `keptTables.ts` with the object, if that is kept.
 */
export function memoizeByIdentity<Key extends object, Result>(
  compute: (key: Key) => Result,
  known: KeptTable<Key, { readonly result: Result }> = new WeakMap<Key, { readonly result: Result }>(),
): (key: Key) => Result {
  return (key) => {
    const last = known.get(key);
    if (last) return last.result;
    const result = compute(key);
    known.set(key, { result });
    return result;
  };
}

/** As {@link memoizeByIdentity}, of a computation in steps; one that is given up before its end is not kept. */
export function memoizeStepsByIdentity<Key extends object, Note, Result>(
  compute: (key: Key) => Generator<Note, Result, void>,
): (key: Key) => Generator<Note, Result, void> {
  const known = new WeakMap<Key, { readonly result: Result }>();
  return function* (key) {
    const { result } = known.get(key) ?? { result: yield* compute(key) };
    known.set(key, { result });
    return result;
  };
}

/** A result with what was looked up for it. */
export interface ResultOfLookups<Value, Result> {
  readonly asked: ReadonlyMap<string, Value>;
  readonly result: Result;
}

/**
 * By identity and by what is looked up: a pure function of an object and of what it asks `lookup` for, such as a tree's macros.
 * The result is kept as long as the object lives and each name that was asked for still means the same.
 */
export function memoizeByLookups<Key extends object, Value, Result>(
  compute: (key: Key, lookup: (name: string) => Value) => Result,
  known: KeptTable<Key, ResultOfLookups<Value, Result>> = new WeakMap<Key, ResultOfLookups<Value, Result>>(),
): (key: Key, lookup: (name: string) => Value) => Result {
  return (key, lookup) => {
    const last = known.get(key);
    if (last && everyEntry(last.asked, (name, value) => lookup(name) === value)) return last.result;
    const asked = new Map<string, Value>();
    const result = compute(key, (name) => {
      const value = lookup(name);
      asked.set(name, value);
      return value;
    });
    known.set(key, { asked, result });
    return result;
  };
}

/**
 * By the members of a list: a pure function of a list, kept for the last list that began with the same object, as long as the
 * others are the same objects too.
 */
export function memoizeByMembers<Member extends object, Result>(
  compute: (list: readonly Member[]) => Result,
): (list: readonly Member[]) => Result {
  const known = new WeakMap<Member, { readonly list: readonly Member[]; readonly result: Result }>();
  const ofNone = lazy(() => compute([]));
  return (list) => {
    const [first] = list;
    if (!first) return ofNone();
    const last = known.get(first);
    if (last && isSameList(last.list, list)) return last.result;
    const result = compute(list);
    known.set(first, { list, result });
    return result;
  };
}

/** Whether something holds of all of a map's entries; stops at the first of which it does not. */
function everyEntry<Key, Value>(map: ReadonlyMap<Key, Value>, holds: (key: Key, value: Value) => boolean): boolean {
  for (const [key, value] of map) if (!holds(key, value)) return false;
  return true;
}

/** By name: a pure function of a name, of which a tree has a limited number. Kept as long as the function that is returned. */
export function memoizeByName<Result>(compute: (name: string) => Result): (name: string) => Result {
  const known = new Map<string, { readonly result: Result }>();
  return (name) => {
    const last = known.get(name);
    if (last) return last.result;
    const result = compute(name);
    known.set(name, { result });
    return result;
  };
}

/** What was made of a file's text. */
export interface ResultOfText<Result> {
  readonly text: string;
  readonly result: Result;
}

/**
 * By path: a pure function of a file's text. The result for each path's last text is kept, and given to the next computation for
 * that path (null for the first), which may take equal parts from it. `known` has what an earlier process left.
 */
export function memoizeByPath<File extends { readonly path: string; readonly text: string }, Result>(
  compute: (file: File, before: Result | null) => Result,
  known = new Map<string, ResultOfText<Result>>(),
): (file: File) => Result {
  return (file) => {
    const last = known.get(file.path);
    if (last?.text === file.text) return last.result;
    const result = compute(file, last?.result ?? null);
    known.set(file.path, { text: file.text, result });
    return result;
  };
}

/**
 * By fingerprint: what was made the last time, as long as the fingerprint of what it was made of is the same. A fingerprint is
 * a list of texts, computed only when there is another one to compare it with: not for the first.
 */
export function memoizeByFingerprint<Input, Result>(
  fingerprintOf: (input: Input) => readonly string[],
  make: (input: Input) => Result,
): (input: Input) => Result {
  let last: { readonly fingerprint: () => readonly string[]; readonly result: Result } | null = null;
  return (input) => {
    const fingerprint = lazy(() => fingerprintOf(input));
    const result = last && isSameList(last.fingerprint(), fingerprint()) ? last.result : make(input);
    last = { fingerprint, result };
    return result;
  };
}

/** Whether two lists have the same members in the same order. */
export function isSameList<Member>(some: readonly Member[], others: readonly Member[]): boolean {
  return some.length === others.length && some.every((member, i) => member === others[i]);
}
