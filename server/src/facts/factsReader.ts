import type { OutlineItem } from '../syntax/outline.js';
import { callsIn, fileFacts, functionReader, type FileFacts, type FunctionReading } from './fileFacts.js';
import { functionMemory } from './functionMemory.js';
import type { TreeReader } from './functionTree.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';
import { areSameTexts, vocabularyTexts } from './vocabularyText.js';

/** Gives the facts of a tree's C files. */
export type FactsReader = (outlines: readonly SourceOutline[], vocabulary: Vocabulary) => readonly FileFacts[];

/**
 * Reads files' facts, remembering those of the last time: as long as the tree's names are the same, a file's facts depend on
 * its outline alone, and a function's on its text and the `#if`s around and in it.
 */
export function factsReader(read: TreeReader): FactsReader {
  let names: readonly string[] = [];
  let known = new Map<SourceOutline, FileFacts>();
  let readFunction = functionMemory(functionReader(read), placed);
  return (outlines, vocabulary) => {
    const texts = vocabularyTexts(vocabulary, outlines);
    if (!areSameTexts(texts, names)) {
      names = texts;
      known = new Map();
      readFunction = functionMemory(functionReader(read), placed);
    }
    known = new Map(outlines.map((file) => [file, known.get(file) ?? fileFacts(readFunction, file, vocabulary)]));
    return [...known.values()];
  };
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
