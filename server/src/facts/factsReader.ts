import { branchVariants, type OutlineItem } from '../syntax/outline.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import {
  callsIn,
  fileFacts,
  functionReader,
  type FileFacts,
  type FunctionReader,
  type FunctionReading,
} from './fileFacts.js';
import type { TreeReader } from './functionTree.js';
import { pieceMemory } from './pieceMemory.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';
import { vocabularyTexts } from './vocabularyText.js';

/** Gives the facts of a tree's C files. */
export type FactsReader = (outlines: readonly SourceOutline[], vocabulary: Vocabulary) => readonly FileFacts[];

/**
 * Reads files' facts, remembering those of the last time: as long as the tree's names are the same, a file's facts depend on
 * its outline alone, and a function's on its text and the `#if`s around and in it.
 */
export function factsReader(read: TreeReader): FactsReader {
  let names: readonly string[] = [];
  let known = new Map<SourceOutline, FileFacts>();
  let readFunction = rememberingReader(functionReader(read));
  return (outlines, vocabulary) => {
    const texts = vocabularyTexts(vocabulary, outlines);
    if (texts.length !== names.length || texts.some((text, i) => text !== names[i])) {
      names = texts;
      known = new Map();
      readFunction = rememberingReader(functionReader(read));
    }
    known = new Map(outlines.map((file) => [file, known.get(file) ?? fileFacts(readFunction, file, vocabulary)]));
    return [...known.values()];
  };
}

function rememberingReader(read: FunctionReader): FunctionReader {
  const memory = pieceMemory(placed);
  return (file, item, vocabulary) => memory(file)(functionKey(file, item), item, () => read(file, item, vocabulary));
}

/** All that a function's reading depends on, besides the tree's names and where in its file the function stands. */
function functionKey({ code, directives }: SourceOutline, item: OutlineItem): string {
  const inside = directives.regions.filter(({ start }) => start > item.start && start < item.end);
  if (inside.length === 0)
    return JSON.stringify(conditionsAt(directives, item.start)) + code.slice(item.start, item.end);
  const conditions = [item, ...inside].map(({ start }) => [start - item.start, conditionsAt(directives, start)]);
  const variants = branchVariants(directives, item).map((blanked) =>
    blanked.map(({ start, end }) => [start - item.start, end - item.start]),
  );
  return JSON.stringify([conditions, variants]) + code.slice(item.start, item.end);
}

/** A function's reading where the function stands now. Its words and calls are of the outline, which is new already. */
function placed(reading: FunctionReading, by: number, item: OutlineItem): FunctionReading {
  const own = { words: item.words, calls: callsIn(item) };
  const moved = shifted({ ...reading, facts: { ...reading.facts, words: new Map(), calls: [] } }, by);
  return { ...moved, facts: { ...moved.facts, ...own } };
}

/** The members of facts that are offsets in their file, whatever fact they are of. */
const OFFSETS: ReadonlySet<string> = new Set(['offset', 'start', 'end']);

/** A copy of a piece of facts with every offset in it moved. */
function shifted<T>(value: T, by: number): T;
function shifted(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shifted(item, by));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, shifted(item, by)]));
  if (typeof value !== 'object' || value === null) return value;
  const moved: Record<string, unknown> = { ...value };
  for (const [key, item] of Object.entries(moved)) {
    if (typeof item === 'object') moved[key] = shifted(item, by);
    else if (typeof item === 'number' && OFFSETS.has(key)) moved[key] = item + by;
  }
  return moved;
}
