import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { CACHE_MEMBER, CACHE_STRUCT, VCPU_STRUCT } from '../symbols/cacheNames.js';
import type { FactSymbols } from '../symbols/wordRoles.js';
import { withoutLast } from './declaredWords.js';
import { textOf } from './expressions.js';
import type { FunctionTree } from './functionTree.js';

/** A function's tree with all that is known of words. */
export interface NameContext {
  readonly tree: FunctionTree;
  readonly symbols: FactSymbols;
}

/** The task that runs: a macro of asm/current.h, which is not read. */
export const CURRENT = 'current';

/** Characters: a longer one names nothing of the kernel's. */
export const LONGEST_NAME = 200;

/** Whether a name lacks a character of a variable's at the end, or has one more. */
export function isHalfVariable(tree: FunctionTree, name: string): boolean {
  return tree.variables.has(name.slice(0, -1)) || halfVariables(tree).has(name);
}

const halfVariables = memoizeByIdentity(({ variables }: FunctionTree) => withoutLast(variables.keys()));

/** Whether a name of nothing is nearly one of something: another may be declared in a header that is not read. */
export function isHalfTyped({ tree, symbols }: NameContext, name: string): boolean {
  return isHalfVariable(tree, name) || symbols.isHalfName(name) || symbols.isHalfDeclared(name);
}

export function nothingNamed(name: string): string {
  return `nothing is called ${name}`;
}

/** Whether nothing that is read declares a name. */
export function isUndeclared({ tree, symbols }: NameContext, name: string): boolean {
  // Most names are variables, and every other question is recorded.
  if (tree.variables.has(name)) return false;
  const own = symbols.fileMacros.get(tree.source.path)?.has(name) ?? false;
  const isKnown = own || symbols.macros.has(name) || symbols.registers.byName.has(name);
  return !isKnown && !symbols.accessors.has(name) && !symbols.isDeclared(name);
}

export function isHalfOf(word: string, name: string): boolean {
  return word !== name && (word.slice(0, -1) === name || name.slice(0, -1) === word);
}

/** Whether a struct is a vCPU, its part that is the cache, or has a vCPU or an area of guest state in it. */
export function isVcpus({ symbols }: NameContext, tag: string): boolean {
  if (tag === VCPU_STRUCT || tag === CACHE_STRUCT) return true;
  const { structs } = placeTables(symbols.backends);
  return [...(symbols.types.members.get(tag)?.values() ?? [])].some(
    (type) => type === VCPU_STRUCT || structs.has(type),
  );
}

export function memberOf(context: NameContext, expression: CNode): string {
  const field = child(expression, 'field');
  return field ? textOf(context, field) : '';
}

/** Whether a chain of members and subscripts speaks of a register. */
export function isTelling(context: NameContext, expression: CNode): boolean {
  const above = expression.parent;
  if (above && /^(?:field|subscript)_expression$/.test(above.type)) return isTelling(context, above);
  const words = tokenize(textOf(context, expression)).filter(({ kind }) => kind === 'word');
  const { roleOf, isHalfName } = context.symbols;
  return words.some(({ text }) => text === CACHE_MEMBER || roleOf(text).isTelling || isHalfName(text));
}
