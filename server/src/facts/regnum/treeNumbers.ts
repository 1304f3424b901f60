import type { FunctionSource } from '../source/functionSource.js';
import { memoizeByFingerprint } from '../../cache/memoize.js';
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
import { memoizeByAnswers, symbolMemory } from '../symbols/symbolMemory.js';
import { factSymbols } from '../symbols/wordRoles.js';

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
  const memory = memoizeByFingerprint(carriersTexts, (carriers: NumberCarriers) => ({
    carriers,
    askedOf: symbolMemory<NumberNames>(),
    numbersOf: memoizeByAnswers((fn: FunctionSource, names: NumberNames) => functionNumbers(read, fn, names)),
    heldOf: memoizeByAnswers(heldMembers),
  }));
  return (outlines, symbols) => {
    const { carriers, askedOf, numbersOf, heldOf } = memory(carriersOf(outlines, symbols));
    const asked = askedOf({ ...factSymbols(symbols), carriers });
    const files = outlines.map((file): FileNumbers => ({
      file: file.source.path,
      held: heldOf(file, asked),
      functions: file.functions.map(({ start, source }) => ({ start, numbers: numbersOf(source, asked) })),
    }));
    return { carriers, files };
  };
}

function carriersTexts({ links, masks, arrays, prefixes, words }: NumberCarriers): string[] {
  return [links, masks, arrays, prefixes, words].map((members) => JSON.stringify([...members]));
}
