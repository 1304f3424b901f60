import { child, type CNode } from '../../syntax/c/cTree.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, CACHE_MEMBER, DIRTY_BITMAP, VCPU_STRUCT } from '../symbols/cacheNames.js';
import { textOf } from './expressions.js';
import { structOf } from './expressionTypes.js';
import {
  CURRENT,
  isHalfOf,
  isTelling,
  isUndeclared,
  isVcpus,
  memberOf,
  nothingNamed,
  type NameContext,
} from './nameContext.js';

/** What says that a struct lacks a member; null where it has it, or is not known. */
export function unknownMember(context: NameContext, expression: CNode): string | null {
  const holder = child(expression, 'argument');
  const tag = holder ? structOf(context, holder) : null;
  const members = tag === null ? undefined : context.symbols.types.members.get(tag);
  const name = memberOf(context, expression);
  if (tag !== null && !members) return unknownCache(context, expression, tag);
  if (tag === null || !members || members.has(name) || context.symbols.macros.has(name)) return null;
  // Of other structs a header's copy may be a part, and macros may declare members: what lacks a character tells something alone.
  const isHalf = context.tree.variables.has(name) || [...members.keys()].some((member) => isHalfOf(name, member));
  if (!isVcpus(context, tag) && !(isHalf && isTelling(context, expression))) return null;
  return `struct ${tag} has no member ${name}`;
}

const CACHE_WORDS: ReadonlySet<string> = new Set([CACHE_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP]);

/** What says that the cache is a member of a struct that nothing declares, and that is no vCPU. */
function unknownCache(context: NameContext, expression: CNode, tag: string): string | null {
  const { parent } = expression;
  const member = parent?.type === 'field_expression' ? memberOf(context, parent) : '';
  const isCache = memberOf(context, expression) === CACHE_MEMBER && CACHE_WORDS.has(member);
  return isCache && tag !== '' && tag !== VCPU_STRUCT ? nothingNamed(`struct ${tag}`) : null;
}

/** What says that one of some expressions is a member of what a pointer leads to that nothing declares. */
export function whyNoHolder(context: NameContext, expressions: readonly (CNode | undefined)[]): string | null {
  for (const expression of expressions) {
    const pointer = expression?.type === 'field_expression' ? child(expression, 'argument') : undefined;
    if (!expression || pointer?.type !== 'identifier') continue;
    const name = textOf(context, pointer);
    const isArrow = context.tree.text.slice(pointer.end, expression.end).trimStart().startsWith('->');
    if (isArrow && /^[a-z]/.test(name) && name !== CURRENT && isNoObject(context, name)) return nothingNamed(name);
  }
  return null;
}

/** Whether nothing that has members is called so; a register's name is what accessors' names are made of. */
function isNoObject(context: NameContext, name: string): boolean {
  if (isUndeclared(context, name)) return true;
  const { registers, macros } = context.symbols;
  const isRegister = registers.members.some(({ register }) => register.toLowerCase() === name);
  return isRegister && !context.tree.variables.has(name) && !macros.has(name);
}
