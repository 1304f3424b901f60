import type { Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { expand } from '../../syntax/preprocessor/macroExpansion.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { indexedCall } from '../registers/cacheExpressions.js';
import { guardsOf } from '../source/guards.js';
import { argumentOrigins } from '../xsave/stateMove.js';
import { CACHE_ARRAY } from '../symbols/cacheNames.js';
import { egprMembers } from './egprNames.js';

/** A copy of R16-R31's slots of the cache to other memory, or from it, or to and from hardware by an accessor, in C. */
export interface EgprCopy {
  /** The enum member that it begins with. */
  readonly first: string;
  /** It goes on to the registers after that: a `memcpy`, a loop. */
  readonly isRange: boolean;
  /** What is done to the cache. */
  readonly access: 'read' | 'write';
  /** The function called for the other side, where that is one that may move them in assembly; null for memory. */
  readonly by: string | null;
  /** Of several slots, and what the memory of the other side is this function does not tell, as where a call returns its address. */
  readonly isUnplaced: boolean;
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** Functions of linux/string.h and linux/uaccess.h that copy from their second argument to their first. */
export const COPIES = /^(?:__)?(?:builtin_)?(?:memcpy|memmove|copy_to_user|copy_from_user)$/;

/** A copy with its nodes: the statement's, and of the side that is not the slots. */
export interface EgprCopyNodes {
  readonly copy: EgprCopy;
  readonly node: CNode;
  readonly other: CNode;
}

/** The copies of R16-R31's slots in a function. */
export function egprCopies(context: FunctionContext): EgprCopy[] {
  return egprCopyNodes(context).map(({ copy }) => copy);
}

/** The same with the nodes that they are. */
export function egprCopyNodes(context: FunctionContext): EgprCopyNodes[] {
  const names = new Set(egprMembers(context.symbols.registers));
  if (names.size === 0) return [];
  return context.tree.nodes.flatMap((node) => {
    if (context.tree.isRepeated(node.start)) return [];
    const sides = sidesOf(context, node);
    if (!sides) return [];
    const [to, from] = sides.map((side) => slotsNamed(context, side, names));
    const found = to ?? from;
    if (!found || (to && from)) return [];
    const isRange = found.isRange || COPIES.test(calleeName(context, node));
    const other = to ? sides[1] : sides[0];
    const by = moverIn(context, other);
    const guards = guardsOf(context.tree.guards, node);
    const access = to ? 'write' : 'read';
    const isUnplaced = isRange && by === null && isOfUnknown(context, other);
    return [{ copy: { first: found.name, isRange, access, by, isUnplaced, offset: node.start, guards }, node, other }];
  });
}

/** Whether an expression is memory, or in memory, of which nothing is known: neither a constant nor a variable's own value. */
function isOfUnknown(context: FunctionContext, expression: CNode): boolean {
  const node = bareExpression(expression);
  const isMemory = /^(?:call|pointer|subscript|field|binary)_expression$/.test(node.type);
  return isMemory && argumentOrigins(context, node).length === 0;
}

/** The function in an expression that may move R16-R31 in assembly, or null. */
function moverIn(context: FunctionContext, expression: CNode): string | null {
  const { movers } = context.symbols.egpr;
  return tokenize(textOf(context, expression)).find(({ text }) => movers.has(text))?.text ?? null;
}

/** Where a statement copies to and from, or null. */
function sidesOf(context: FunctionContext, node: CNode): readonly [CNode, CNode] | null {
  if (node.type === 'call_expression') return callSides(context, node);
  const [left, right] = node.type === 'assignment_expression' ? [child(node, 'left'), child(node, 'right')] : [];
  // A pointer that is made to point at slots, or elsewhere, copies nothing.
  const isAddress = right?.type === 'pointer_expression' && child(right, 'operator')?.type === '&';
  return left && right && left.type !== 'identifier' && !isAddress ? [left, right] : null;
}

function callSides(context: FunctionContext, call: CNode): readonly [CNode, CNode] | null {
  const [given, callee, name] = [argumentsOf(call), child(call, 'function'), calleeName(context, call)];
  const [to, from] = COPIES.test(name) ? given : [];
  if (to && from) return [to, from];
  const indexed = indexedCall(context, call);
  if (indexed) return indexed.value && indexed.callee.storage === 'cache' ? [call, indexed.value] : null;
  // `write_egpr(n, vcpu->arch.regs[n])`: what it is given goes to the register.
  const value = context.symbols.egpr.movers.has(name) ? given.at(-1) : undefined;
  return value && callee ? [callee, value] : null;
}

/** The first of R16-R31's slots that an expression names, with what macros and local variables in it stand for. */
export function slotsNamed(
  context: FunctionContext,
  expression: CNode,
  names: ReadonlySet<string>,
): { readonly name: string; readonly isRange: boolean } | null {
  const { registers, macros, indexed } = context.symbols;
  // What a call that takes a register's number is given beside it names no slot.
  const number = expression.type === 'call_expression' ? indexedCall(context, expression)?.index : undefined;
  const written = tokenize(textOf(context, number ?? expression));
  const locals = written.flatMap(({ text }) => context.tree.definitions.get(text)?.map(({ value }) => value) ?? []);
  const values = locals.flatMap((value) => tokenize(textOf(context, value)));
  const tokens = expand([...written, ...values], (name) =>
    names.has(name) ? undefined : macros.get(name)?.definition,
  );
  const isSlot =
    number !== undefined || tokens.some(({ text }) => text === CACHE_ARRAY || indexed.get(text)?.storage === 'cache');
  const named = isSlot ? tokens.find(({ text }) => names.has(text)) : undefined;
  const member = named && (registers.byName.get(named.text) ?? registers.numberMacros.get(named.text));
  if (!member) return null;
  // An index that is computed or a variable runs over several.
  const isAlone = written.some(({ text }) => text === named.text) && !written.some(({ text }) => text === '+');
  return { name: member.name, isRange: !isAlone };
}
