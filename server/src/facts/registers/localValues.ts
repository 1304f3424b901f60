import type { Place } from '../../backends/place.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, type FunctionContext } from '../source/expressions.js';
import { CACHE_MEMBER } from '../symbols/cacheNames.js';
import { isAddressOf } from './moves.js';
import { sourcesOf } from './moveSources.js';

/** A value that a local variable or parameter is given in its function and that is made of a place's. */
export interface LocalValue {
  readonly name: string;
  readonly from: Place;
  /** Of the initialiser or assignment. */
  readonly offset: number;
}

/** The values of a function's local variables that come from places, in the order of the text. Not those of pointers. */
export function localValues(context: FunctionContext): LocalValue[] {
  const { definitions, variables, isRepeated } = context.tree;
  const found = [...definitions].flatMap(([name, all]) =>
    variables.get(name) !== ''
      ? []
      : all.flatMap(({ node, value }) => (isRepeated(node.start) || isAddressOf(value) ? [] : [{ name, node, value }])),
  );
  return found
    .flatMap(({ name, node, value }) =>
      [...sourcesOf(context, value, new Set()).map(({ place }) => place), ...ownedBits(context, value)].map(
        (from): LocalValue => ({ name, from, offset: node.start }),
      ),
    )
    .sort((a, b) => a.offset - b.offset);
}

/** The cache's member that says which bits of a control register the guest owns, where an expression is that. */
function ownedBits(context: FunctionContext, value: CNode): Place[] {
  const name = OWNED_BITS.exec(textOf(context, bareExpression(value)))?.[1];
  return name === undefined ? [] : [{ kind: 'cache', name, register: null }];
}

/** asm/kvm_host.h. */
const OWNED_BITS = new RegExp(`\\b(${CACHE_MEMBER}\\.cr\\d_guest_owned_bits)$`);
