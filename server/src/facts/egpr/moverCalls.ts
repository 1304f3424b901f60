import type { Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { definedGuards } from '../source/definedGuards.js';
import { argumentsOf, bareExpression, calleeName, type FunctionContext } from '../source/expressions.js';
import { registerArray } from '../registers/cacheExpressions.js';
import { COPIES, slotsNamed } from './egprCopies.js';
import { egprMembers } from './egprNames.js';

/** A call of a function that moves R16-R31 in assembly, under its conditions; a local variable's test by what that is defined as. */
export interface MoverCall {
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The calls in a function of those that move R16-R31 in assembly. */
export function moverCalls(context: FunctionContext): MoverCall[] {
  const { movers } = context.symbols.egpr;
  if (movers.size === 0) return [];
  return callsIn(context).flatMap((node) =>
    movers.has(calleeName(context, node)) ? [{ offset: node.start, guards: definedGuards(context, node) }] : [],
  );
}

/** A call that is given the address of R16-R31's slots of the cache, and that is no copy by itself: what is done with them is the callee's. */
export interface HandedSlots {
  readonly callee: string;
  readonly offset: number;
  /** It is the whole array's address: a callee that names none of R16-R31 may do with the other slots. */
  readonly isWhole: boolean;
}

/** The calls in a function that hand on where R16-R31's slots are. */
export function handedSlots(context: FunctionContext): HandedSlots[] {
  const names = new Set(egprMembers(context.symbols.registers));
  if (names.size === 0) return [];
  return callsIn(context).flatMap((node) => {
    const callee = calleeName(context, node);
    const isCopy = callee === '' || COPIES.test(callee) || context.symbols.egpr.movers.has(callee);
    if (isCopy) return [];
    const given = argumentsOf(node);
    const isNamed = given.some((argument) => isAddress(argument) && slotsNamed(context, argument, names));
    const isWhole = !isNamed && given.some((argument) => registerArray(context, bareExpression(argument)) === 'cache');
    return isNamed || isWhole ? [{ callee, offset: node.start, isWhole }] : [];
  });
}

function callsIn({ tree }: FunctionContext): CNode[] {
  return tree.nodes.filter(({ type, start }) => type === 'call_expression' && !tree.isRepeated(start));
}

function isAddress(argument: CNode): boolean {
  const node = bareExpression(argument);
  return node.type === 'pointer_expression' ? child(node, 'operator')?.type === '&' : node.type === 'binary_expression';
}
