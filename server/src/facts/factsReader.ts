import type { OutlineItem } from '../syntax/c/outline.js';
import { callsIn, fileFacts, functionReader, type FileFacts, type FunctionReading } from './fileFacts.js';
import { fileCache, functionCache } from './source/functionCache.js';
import type { TreeReader } from './source/functionTree.js';
import { relocateOffsets } from './source/relocate.js';
import type { SourceOutline } from './source/sourceOutline.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import { memoizeBySymbols } from './symbols/symbolsFingerprint.js';

/** Gives a reader of the facts of a tree's C files. */
export type FactsReader = (
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
) => (file: SourceOutline) => FileFacts;

/**
 * Reads files' facts, remembering those of the last time: as long as the tree's names are the same, a file's facts depend on
 * its outline alone, and a function's on its text and the `#if`s around and in it.
 */
export function factsReader(read: TreeReader): FactsReader {
  const memory = memoizeBySymbols(() => {
    const readFunction = functionCache(functionReader(read), relocate);
    return fileCache((file, symbols: TreeSymbols) => fileFacts(readFunction, file, symbols));
  });
  return (outlines, symbols) => {
    const readFile = memory(symbols, outlines);
    return (file) => readFile(file, symbols);
  };
}

/** A function's reading where the function stands now. Its words and calls are of the outline, which is new already. */
function relocate(reading: FunctionReading, by: number, item: OutlineItem): FunctionReading {
  const own = { words: item.words, calls: callsIn(item) };
  const moved = relocateOffsets({ ...reading, facts: { ...reading.facts, words: new Map(), calls: [] } }, by);
  return { ...moved, facts: { ...moved.facts, ...own } };
}
