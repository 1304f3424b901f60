import type { FunctionSource } from '../source/functionSource.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { TreeReader } from '../source/functionTree.js';
import {
  functionNumbers,
  heldMembers,
  type FunctionNumbers,
  type HeldMembers,
  type NumberNames,
} from './functionNumbers.js';
import { carrierReader, type NumberCarriers } from './propagation.js';
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
  readonly functions: readonly PlacedNumbers[];
}

/** What a function says of them, and where in its file it begins. */
export interface PlacedNumbers {
  readonly start: number;
  readonly numbers: FunctionNumbers;
}

/** Gives what a tree says of registers' numbers. */
export type NumbersReader = (outlines: readonly SourceOutline[], symbols: TreeSymbols) => TreeNumbers;

/** Reads what trees say of registers' numbers, remembering files and functions as `factsReader` does. */
export function numbersReader(read: TreeReader): NumbersReader {
  const carriersOf = carrierReader(read);
  const memory = memoizeBySymbols((names: NumberNames) => {
    const numbersOf = memoizeByIdentity((fn: FunctionSource) => functionNumbers(read, fn, names));
    return memoizeByIdentity((file: SourceOutline): FileNumbers => ({
      file: file.source.path,
      held: heldMembers(file, names),
      functions: file.functions.map(({ start, source }) => ({ start, numbers: numbersOf(source) })),
    }));
  });
  return (outlines, symbols) => {
    const carriers = carriersOf(outlines, symbols);
    return { carriers, files: outlines.map(memory(outlines, { ...symbols, carriers }, [carriersText(carriers)])) };
  };
}

function carriersText({ links, masks, arrays, prefixes }: NumberCarriers): string {
  return JSON.stringify([links, masks, arrays, prefixes].map((members) => [...members]));
}
