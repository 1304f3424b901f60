import type { CParser } from '../server/src/syntax/c/cTree.js';

/** What was parsed: pieces of C, their characters, and the nodes of their trees. */
export interface ParsingWork {
  readonly pieces: number;
  readonly characters: number;
  readonly nodes: number;
}

/** A parser that counts what it does. */
export function countingParser({ parser: own, ...rest }: CParser): {
  readonly c: CParser;
  /** Since the parser was made. */
  readonly work: () => ParsingWork;
} {
  let work: ParsingWork = { pieces: 0, characters: 0, nodes: 0 };
  const parse: typeof own.parse = (...given) => {
    const tree = own.parse(...given);
    work = {
      pieces: work.pieces + 1,
      characters: work.characters + String(given[0]).length,
      nodes: work.nodes + (tree?.rootNode.descendantCount ?? 0),
    };
    return tree;
  };
  return { c: { parser: Object.assign(Object.create(own) as typeof own, { parse }), ...rest }, work: () => work };
}
