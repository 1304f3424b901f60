import { memoizeByIdentity } from '../cache/memoize.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import type { GraphNode } from './callGraph.js';

/**
 * When, in the order of a function's text, what is named at an offset is done: a call behind its arguments, an assignment behind its
 * right side (C11 6.5.2.2, 10 and 6.5.16, 3), so where their text ends. Offsets count from the function's start.
 */
export function doneAt({ c }: GraphNode, offset: number): number {
  return (c && endsOf(c).get(offset)) ?? offset;
}

/** Where what begins at an offset ends. */
const endsOf = memoizeByIdentity(({ calls, moves }: FunctionFacts): ReadonlyMap<number, number> => {
  return new Map([...calls, ...moves].map(({ offset, end }) => [offset, end]));
});
