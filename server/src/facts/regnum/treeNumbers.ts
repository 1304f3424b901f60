import { fileCache, functionCache } from '../source/functionCache.js';
import type { TreeReader } from '../source/functionTree.js';
import {
  functionNumbers,
  heldMembers,
  type FunctionNumbers,
  type HeldMembers,
  type NumberNames,
} from './functionNumbers.js';
import { carrierReader, type NumberCarriers } from './propagation.js';
import { relocateOffsets } from '../source/relocate.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { memoizeBySymbols } from '../symbols/symbolsFingerprint.js';

/** All that a tree says of registers' numbers. */
export interface TreeNumbers {
  readonly carriers: NumberCarriers;
  readonly files: readonly FileNumbers[];
}

/** What a file says of registers' numbers. */
export interface FileNumbers {
  readonly file: string;
  readonly held: HeldMembers;
  readonly functions: readonly FunctionNumbers[];
}

/** Gives what a tree says of registers' numbers. */
export type NumbersReader = (outlines: readonly SourceOutline[], symbols: TreeSymbols) => TreeNumbers;

/** Reads what trees say of registers' numbers, remembering files and functions as `factsReader` does. */
export function numbersReader(read: TreeReader): NumbersReader {
  const carriersOf = carrierReader(read);
  const memory = memoizeBySymbols(() => {
    const readFunction = functionCache(
      (file, item, names: NumberNames) => functionNumbers(read, file, item, names),
      relocateOffsets,
    );
    return fileCache((file, names: NumberNames): FileNumbers => ({
      file: file.source.path,
      held: heldMembers(file, names),
      functions: file.items.flatMap((item) => (item.kind === 'function' ? [readFunction(file, item, names)] : [])),
    }));
  });
  return (outlines, symbols) => {
    const carriers = carriersOf(outlines, symbols);
    const names = { ...symbols, carriers };
    const readFile = memory(symbols, outlines, [carriersText(carriers)]);
    return { carriers, files: outlines.map((file) => readFile(file, names)) };
  };
}

function carriersText({ links, masks, arrays, prefixes }: NumberCarriers): string {
  return JSON.stringify([links, masks, arrays, prefixes].map((members) => [...members]));
}
