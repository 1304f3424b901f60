import assert from 'node:assert';
import fc from 'fast-check';
import { fileFacts, outerFacts, type FileFacts } from '../../server/src/facts/fileFacts.js';
import { functionFacts } from '../../server/src/facts/functionFacts.js';
import { treeReader } from '../../server/src/facts/source/functionTree.js';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import type { TreeSymbols } from '../../server/src/facts/symbols/treeSymbols.js';
import { factSymbols } from '../../server/src/facts/symbols/wordRoles.js';
import { readTree, type TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { cFunction } from './functionGrammar.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { mutated, mutations, type Mutation } from './tokenMutations.js';

const PATH = 'arch/x86/kvm/vmx/function.c';

/** Stands above a function and is nothing to it. */
const ABOVE = 'int above;\n';

interface Input {
  readonly text: string;
  /** null for a function as the grammar has it. */
  readonly changes: readonly Mutation[] | null;
}

/**
 * Single C functions, some of them with changes, read with the names of the last tree. Their facts say nothing of a place that is not in
 * the text, and are the same wherever in a file the function stands.
 */
export function functionFuzzer(c: CParser, trees: readonly TreeText[]): Fuzzer {
  const tree = trees.at(-1);
  if (!tree) throw new Error('no tree');
  const { symbols } = readTree(c, tree);
  const textOf = ({ text, changes }: Input) => (changes ? mutated(text, changes, text) : text);
  return fuzzerOf<Input>({
    name: 'functions',
    inputs: fc.record({ text: cFunction, changes: fc.option(mutations, { freq: 2 }) }),
    judge: (input) => {
      const text = textOf(input);
      const facts = factsOf(c, text, symbols);
      const outside = facts.references.filter(({ start, end }) => start < 0 || start >= end || end > text.length);
      assert.deepStrictEqual(outside, []);
      const moved = factsOf(c, ABOVE + text, symbols);
      assert.deepStrictEqual(
        moved.functions.map(({ facts: own }) => own),
        facts.functions.map(({ facts: own }) => own),
      );
    },
    filesOf: (input) => new Map([[PATH, textOf(input)]]),
  });
}

function factsOf(c: CParser, text: string, tree: TreeSymbols): FileFacts {
  const read = treeReader(c);
  const symbols = factSymbols(tree);
  const file = outlineSource(PATH, text);
  return fileFacts(
    file,
    outerFacts(file, symbols),
    file.functions.map(({ source }) => functionFacts(read, source, symbols)),
  );
}
