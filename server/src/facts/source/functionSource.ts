import type { CallSite, OutlineItem } from '../../syntax/c/outline.js';
import { branchVariants } from '../../syntax/preprocessor/branchVariants.js';
import { conditionalsWithin, type Conditionals } from '../../syntax/preprocessor/conditionals.js';
import { configGuardsAt, type Directives } from '../../syntax/preprocessor/directives.js';
import { areSameChanges, changesSeenBy, macroChanges, type MacroChange } from './macroChanges.js';

/**
 * A function's definition as a text of its own. What is read of a function depends on this and on the tree's symbols alone.
 * All offsets count from its first character, so that it stays the same when the text before it changes.
 */
export interface FunctionSource {
  /** Of its file. */
  readonly path: string;
  readonly name: string;
  readonly nameStart: number;
  /** Offset of the body's `{`. */
  readonly bodyStart: number;
  /** As written. */
  readonly text: string;
  /** With comments and directive lines blanked; same length. */
  readonly code: string;
  readonly words: ReadonlyMap<string, number>;
  readonly calls: readonly CallSite[];
  /** The `#if`s around it and in it. */
  readonly conditionals: Conditionals;
  /** Macros of its file whose meaning depends on the place. */
  readonly macroChanges: readonly MacroChange[];
}

/** A function of a file, and where in it it begins. */
export interface PlacedFunction {
  readonly start: number;
  readonly source: FunctionSource;
}

/** What functions are cut out of. */
interface FileText {
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly directives: Directives;
}

/**
 * The functions among a file's items, in the order of the text. Of `before`, the file's functions at the last reading, those
 * that stayed the same are given again, so that what is remembered by their identity stays known.
 */
export function functionSources(
  file: FileText,
  items: readonly OutlineItem[],
  before: readonly PlacedFunction[],
): PlacedFunction[] {
  const known = new Map<string, FunctionSource[]>();
  for (const { source } of before) {
    const named = known.get(source.name);
    if (named) named.push(source);
    else known.set(source.name, [source]);
  }
  const functions = items.filter((item) => item.kind === 'function');
  const changes = macroChanges(file.directives, functions);
  return functions.map((item) => {
    const fresh = functionSource(file, item, changes);
    const source = known.get(item.name)?.find((one) => isSameFunction(one, fresh)) ?? fresh;
    return { start: item.start, source };
  });
}

function functionSource(file: FileText, item: OutlineItem, changes: readonly MacroChange[]): FunctionSource {
  return functionOf(file, item, {
    conditionals: conditionalsWithin(file.directives, item),
    macroChanges: changesSeenBy(changes, item),
  });
}

/** The function that an item of a file is, with what directives make of it. */
export function functionOf(
  { path, text, code }: Omit<FileText, 'directives'>,
  { start, end, name, nameStart, bodyStart, words, calls }: OutlineItem,
  { conditionals, macroChanges }: Pick<FunctionSource, 'conditionals' | 'macroChanges'>,
): FunctionSource {
  return {
    path,
    name,
    nameStart: nameStart - start,
    bodyStart: bodyStart - start,
    text: text.slice(start, end),
    code: code.slice(start, end),
    words,
    calls,
    conditionals,
    macroChanges,
  };
}

function isSameFunction(one: FunctionSource, other: FunctionSource): boolean {
  return (
    one.text === other.text &&
    one.code === other.code &&
    one.nameStart === other.nameStart &&
    one.bodyStart === other.bodyStart &&
    areSameChanges(one.macroChanges, other.macroChanges) &&
    isUnderSameConditions(one, other)
  );
}

function isUnderSameConditions(
  { conditionals: some, code }: FunctionSource,
  { conditionals: others }: FunctionSource,
): boolean {
  if (some === others) return true;
  return conditionsText(some, code.length) === conditionsText(others, code.length);
}

function conditionsText(conditionals: Conditionals, length: number): string {
  const guards = conditionals.regions.map(({ start }) => [start < 0 ? 0 : start, configGuardsAt(conditionals, start)]);
  return JSON.stringify([guards, branchVariants(conditionals, { start: 0, end: length }).map(spansText)]);
}

function spansText(spans: ReturnType<typeof branchVariants>[number]): string {
  return spans.map(({ start, end }) => `${String(start)}-${String(end)}`).join(' ');
}
