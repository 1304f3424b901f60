import type { Place } from '../../backends/place.js';
import type { FunctionContext } from '../source/expressions.js';
import { sourcesOf } from './moveSources.js';

/** A value that a local variable or parameter is given in its function and that is made of a place's. */
export interface LocalValue {
  readonly name: string;
  readonly from: Place;
  /** Of the initialiser or assignment. */
  readonly offset: number;
}

/** The values of a function's local variables that come from places, in the order of the text. Not those of pointers to structs. */
export function localValues(context: FunctionContext): LocalValue[] {
  const { definitions, variables, isRepeated } = context.tree;
  const found = [...definitions].flatMap(([name, all]) =>
    variables.get(name) !== ''
      ? []
      : all.flatMap(({ node, value }) => (isRepeated(node.start) ? [] : [{ name, node, value }])),
  );
  return found
    .flatMap(({ name, node, value }) =>
      sourcesOf(context, value, new Set()).map(({ place }): LocalValue => ({ name, from: place, offset: node.start })),
    )
    .sort((a, b) => a.offset - b.offset);
}
