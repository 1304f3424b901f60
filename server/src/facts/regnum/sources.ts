import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';
import { changesOf } from '../source/variableChanges.js';
import { knownBits } from './knownBits.js';
import { constantOf } from '../registers/runtimeIndex.js';

/**
 * What a register's number passes through between functions, in text: `decode_register(1)` is that function's second
 * parameter, `vmx_get_instr_info_reg()` a function's result, `x86_emulate_ctxt.modrm_rm` a struct's member.
 */
export type NumberLink = string;

export function parameterLink(name: string, parameter: number): NumberLink {
  return `${name}(${String(parameter)})`;
}

export function resultLink(name: string): NumberLink {
  return `${name}()`;
}

export function isResult(link: NumberLink): boolean {
  return link.endsWith('()');
}

/** The link that a member is, as far as its struct is known; of a struct inside another, the outer one's. */
export function memberLink(context: FunctionContext, node: CNode): NumberLink | null {
  const [base, member] = [child(node, 'argument'), child(node, 'field')];
  if (node.type !== 'field_expression' || !base || !member) return null;
  return structMember((structOf(context, base) ?? '').replace(/\{.*/, ''), textOf(context, member));
}

/** The link that a variable of a function or of its file is, or a member. */
export function holderLink(context: FunctionContext, node: CNode): NumberLink | null {
  if (node.type !== 'identifier') return memberLink(context, node);
  const name = textOf(context, node);
  const { source, variables } = context.tree;
  return structMember(variableScope(source.path, variables.has(name) ? source.name : ''), name);
}

/** What stands in a variable's link for the struct of a member: its file and function, '' for one outside of functions. */
export function variableScope(path: string, name: string): string {
  return `${path}:${name}`;
}

export function structMember(struct: string, member: string): NumberLink {
  return `${struct}.${member}`;
}

/** The name that a text with such a link in it holds: the function's or the member's. */
export function linkName(link: NumberLink): string {
  return link.slice(link.lastIndexOf('.') + 1).replace(/\(.*/, '');
}

/** A piece of a number, which other pieces are ored to. */
export interface NumberPart {
  readonly node: CNode;
  /** The bits that it may have set; null where any may be. */
  readonly bits: bigint | null;
  /** Where it comes from, when it is no more than that. */
  readonly link: NumberLink | null;
  readonly isConstant: boolean;
}

/** One source of a number: the pieces that are ored together. */
export type ValueSource = readonly NumberPart[];

/** The sources of an expression's value, and the local variables that it is held in. */
export interface NumberSources {
  readonly sources: readonly ValueSource[];
  readonly variables: ReadonlySet<string>;
}

/** What a place is set to, and what is ored to it (`|=`). */
export interface NumberTarget {
  readonly set: readonly CNode[];
  readonly added: readonly CNode[];
}

/** Of a value with more sources than any kernel's code has, the others are left out. */
const MOST_WAYS = 64;

/** Follows expressions that are numbers of registers back through a function's local variables. */
export function numberSources(context: FunctionContext, targets: readonly NumberTarget[]): NumberSources {
  const following: Following = { context, known: new Map() };
  const sources = targets.flatMap((target) => sourcesOfTarget(following, target));
  return { sources, variables: new Set(following.known.keys()) };
}

interface Following {
  readonly context: FunctionContext;
  /** The sources of each variable; none yet of one that is being followed, so that a circle ends. */
  readonly known: Map<string, readonly ValueSource[]>;
}

function sourcesOfTarget(
  following: Following,
  { set, added }: NumberTarget,
  given: readonly ValueSource[] = [],
): readonly ValueSource[] {
  const made = [...given, ...set.flatMap((value) => follow(following, value))].slice(0, MOST_WAYS);
  return added.reduce<readonly ValueSource[]>((sources, value) => combined(sources, follow(following, value)), made);
}

function follow(following: Following, expression: CNode): readonly ValueSource[] {
  const { context } = following;
  const node = bareExpression(expression);
  switch (node.type) {
    case 'identifier':
      return sourcesOfVariable(following, node);
    case 'conditional_expression': {
      const either = [child(node, 'consequence'), child(node, 'alternative')];
      if (knownBits(context, node) !== null) break;
      return either.flatMap((value) => (value ? follow(following, value) : [])).slice(0, MOST_WAYS);
    }
    case 'binary_expression': {
      const [left, right] = [child(node, 'left'), child(node, 'right')];
      if (!left || !right || child(node, 'operator')?.type !== '|') break;
      return combined(follow(following, left), follow(following, right));
    }
    case 'call_expression':
      return [[calledPart(context, node)]];
    case 'field_expression':
      return [[{ node, bits: null, link: memberLink(context, node), isConstant: false }]];
  }
  return [[plainPart(context, node)]];
}

function sourcesOfVariable(following: Following, node: CNode): readonly ValueSource[] {
  const { context, known } = following;
  const name = textOf(context, node);
  const before = known.get(name);
  if (before) return before;
  const { tree } = context;
  const parameter = tree.parameters.findIndex((p) => p.name === name);
  if (parameter < 0 && !tree.variables.has(name)) return [[plainPart(context, node)]];
  known.set(name, []);
  const link = parameterLink(tree.source.name, parameter);
  const given: readonly ValueSource[] = parameter < 0 ? [] : [[{ node, bits: null, link, isConstant: false }]];
  const set = (tree.definitions.get(name) ?? []).map(({ value }) => value);
  const sources = sourcesOfTarget(following, { set, added: addedTo(context, name) }, given);
  known.set(name, sources);
  return sources;
}

/** What is ored to a variable. */
export function addedTo(context: FunctionContext, name: string): CNode[] {
  return changesOf(context.tree, name).flatMap(({ operator, value }) => (operator === '|=' && value ? [value] : []));
}

/** What a call's result, or a member, passes on; null for any other expression. */
export function linkOf(context: FunctionContext, node: CNode): NumberLink | null {
  if (node.type !== 'call_expression') return memberLink(context, node);
  const name = calleeName(context, node);
  return name === '' ? null : resultLink(name);
}

function calledPart(context: FunctionContext, node: CNode): NumberPart {
  const name = calleeName(context, node);
  const field = context.symbols.decoders.get(name);
  const bits = field ? 2n ** BigInt(field.bits) - 1n : knownBits(context, node);
  return { node, bits, link: linkOf(context, node), isConstant: false };
}

function plainPart(context: FunctionContext, node: CNode): NumberPart {
  return { node, bits: knownBits(context, node), link: null, isConstant: constantOf(context, node) !== null };
}

/** Each way of one piece with each of another; those of one where the other has none. */
function combined(lefts: readonly ValueSource[], rights: readonly ValueSource[]): readonly ValueSource[] {
  if (lefts.length === 0) return rights;
  if (rights.length === 0) return lefts;
  return lefts.flatMap((left) => rights.map((right) => [...left, ...right])).slice(0, MOST_WAYS);
}
