import { fileMemory, functionMemory } from './functionMemory.js';
import type { TreeReader } from './functionTree.js';
import {
  functionNumbers,
  heldMembers,
  type FunctionNumbers,
  type HeldMembers,
  type NumberNames,
} from './narrowFacts.js';
import { carrierReader, type NumberCarriers } from './numberCarriers.js';
import { shifted } from './shifted.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';
import { onceForNames } from './vocabularyText.js';

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
export type NumbersReader = (outlines: readonly SourceOutline[], vocabulary: Vocabulary) => TreeNumbers;

/** Reads what trees say of registers' numbers, remembering files and functions as `factsReader` does. */
export function numbersReader(read: TreeReader): NumbersReader {
  const carriersOf = carrierReader(read);
  const memory = onceForNames(() => {
    const readFunction = functionMemory(
      (file, item, names: NumberNames) => functionNumbers(read, file, item, names),
      shifted,
    );
    return fileMemory((file, names: NumberNames): FileNumbers => ({
      file: file.source.path,
      held: heldMembers(file, names),
      functions: file.items.flatMap((item) => (item.kind === 'function' ? [readFunction(file, item, names)] : [])),
    }));
  });
  return (outlines, vocabulary) => {
    const carriers = carriersOf(outlines, vocabulary);
    const names = { ...vocabulary, carriers };
    const readFile = memory(vocabulary, outlines, carriersText(carriers));
    return { carriers, files: outlines.map((file) => readFile(file, names)) };
  };
}

function carriersText({ links, masks, arrays, prefixes }: NumberCarriers): string {
  return JSON.stringify([links, masks, arrays, prefixes].map((members) => [...members]));
}
