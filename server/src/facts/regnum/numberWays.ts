import { child, type CNode } from '../../syntax/c/cTree.js';
import { excludes, unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import { constantOf } from '../registers/runtimeIndex.js';
import { bareExpression, textOf, type FunctionContext } from '../source/expressions.js';
import { definedGuards } from '../source/definedGuards.js';
import { knownBits } from './knownBits.js';
import { addedTo, linkOf, parameterLink, type NumberLink, type NumberTarget } from './sources.js';

/** One of the ways on which a function comes by a register's number. */
export interface NumberWay {
  /** The bits that it may have set; null where any may be. */
  readonly mask: bigint | null;
  /** Where it comes from, when it is no more than that; null otherwise. */
  readonly link: NumberLink | null;
  readonly isConstant: boolean;
  /** The conditions of what makes it on this way. */
  readonly guards: readonly Guard[];
}

/** A number with more ways than any kernel's code has is not known. */
const MOST_WAYS = 16;

/** Local variables in one another that are followed. */
const MOST_VARIABLES = 6;

/** The ways on which a function comes by a number, through its local variables, masks that are held in one among them; [] where there are too many. */
export function numberWays(context: FunctionContext, target: NumberTarget): readonly NumberWay[] {
  const found = targetWays(context, target, 0);
  return found.length > MOST_WAYS ? [] : found;
}

function targetWays(context: FunctionContext, { set, added }: NumberTarget, depth: number): readonly NumberWay[] {
  const made = set.flatMap((value) => waysOf(context, value, depth));
  return added.reduce<readonly NumberWay[]>((ways, value) => {
    const guards = definedGuards(context, value);
    const more = paired(ways, waysOf(context, value, depth), or);
    // What is added under a condition is left out without it.
    return guards.length > 0 ? [...ways, ...more] : more;
  }, made);
}

function waysOf(context: FunctionContext, expression: CNode, depth: number): readonly NumberWay[] {
  const node = bareExpression(expression);
  switch (node.type) {
    case 'identifier':
      return variableWays(context, node, depth) ?? [plainWay(context, node)];
    case 'conditional_expression':
      return [child(node, 'consequence'), child(node, 'alternative')].flatMap((value) =>
        value ? waysOf(context, value, depth) : [],
      );
    case 'binary_expression':
      return binaryWays(context, node, depth) ?? [plainWay(context, node)];
    default:
      return [plainWay(context, node)];
  }
}

/** The ways of a local variable; null for what is none, or where those in it go too deep. */
function variableWays(context: FunctionContext, node: CNode, depth: number): readonly NumberWay[] | null {
  const { tree } = context;
  const name = textOf(context, node);
  const parameter = tree.parameters.findIndex((one) => one.name === name);
  const definitions = tree.definitions.get(name) ?? [];
  if (parameter >= 0 && definitions.length === 0)
    return [{ ...plainWay(context, node), link: parameterLink(tree.source.name, parameter) }];
  if (parameter >= 0 || definitions.length === 0 || depth >= MOST_VARIABLES) return null;
  const set = definitions.map(({ value }) => value);
  return targetWays(context, { set, added: addedTo(context, name) }, depth + 1);
}

function binaryWays(context: FunctionContext, node: CNode, depth: number): readonly NumberWay[] | null {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  const combine = COMBINED.get(child(node, 'operator')?.type ?? '');
  return left && right && combine ? paired(waysOf(context, left, depth), waysOf(context, right, depth), combine) : null;
}

type Combine = (left: bigint | null, right: bigint | null) => bigint | null;

const or = both((left, right) => left | right);

const COMBINED: ReadonlyMap<string, Combine> = new Map<string, Combine>([
  ['&', (left, right) => (left === null ? right : right === null ? left : left & right)],
  ['|', or],
  ['<<', both((left, right) => (right < 64n ? left << right : null))],
  ['>>', both((left, right) => (right < 64n ? left >> right : null))],
]);

/** An operation of two masks that are known. */
function both(combine: (left: bigint, right: bigint) => bigint | null): Combine {
  return (left, right) => (left === null || right === null ? null : combine(left, right));
}

/** Each way of one operand with each of the other that may be at the same time. */
function paired(lefts: readonly NumberWay[], rights: readonly NumberWay[], combine: Combine): readonly NumberWay[] {
  const pairs = lefts
    .flatMap((left) => rights.filter((right) => !areApart(left, right)).map((right) => [left, right] as const))
    .slice(0, MOST_WAYS + 1);
  return pairs.map(([left, right]) => ({
    mask: combine(left.mask, right.mask),
    link: null,
    isConstant: left.isConstant && right.isConstant,
    guards: unionGuards(left.guards, right.guards),
  }));
}

function areApart({ guards }: NumberWay, other: NumberWay): boolean {
  return guards.some((guard) => other.guards.some((one) => excludes(guard, one)));
}

function plainWay(context: FunctionContext, node: CNode): NumberWay {
  const isConstant = constantOf(context, node) !== null;
  return {
    mask: knownBits(context, node),
    link: linkOf(context, node),
    isConstant,
    guards: definedGuards(context, node),
  };
}
