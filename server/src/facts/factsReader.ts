import type { OutlineItem } from '../syntax/outline.js';
import { callsIn, fileFacts, functionReader, type FileFacts, type FunctionReading } from './fileFacts.js';
import { fileMemory, functionMemory } from './functionMemory.js';
import type { TreeReader } from './functionTree.js';
import { shifted } from './shifted.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';
import { onceForNames } from './vocabularyText.js';

/** Gives the facts of a tree's C files. */
export type FactsReader = (outlines: readonly SourceOutline[], vocabulary: Vocabulary) => readonly FileFacts[];

/**
 * Reads files' facts, remembering those of the last time: as long as the tree's names are the same, a file's facts depend on
 * its outline alone, and a function's on its text and the `#if`s around and in it.
 */
export function factsReader(read: TreeReader): FactsReader {
  const memory = onceForNames(() => {
    const readFunction = functionMemory(functionReader(read), placed);
    return fileMemory((file, vocabulary: Vocabulary) => fileFacts(readFunction, file, vocabulary));
  });
  return (outlines, vocabulary) => {
    const readFile = memory(vocabulary, outlines);
    return outlines.map((file) => readFile(file, vocabulary));
  };
}

/** A function's reading where the function stands now. Its words and calls are of the outline, which is new already. */
function placed(reading: FunctionReading, by: number, item: OutlineItem): FunctionReading {
  const own = { words: item.words, calls: callsIn(item) };
  const moved = shifted({ ...reading, facts: { ...reading.facts, words: new Map(), calls: [] } }, by);
  return { ...moved, facts: { ...moved.facts, ...own } };
}
