import { memoizeByIdentity } from '../../cache/memoize.js';
import { placeTables } from '../../backends/registry.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { isReserved } from '../../syntax/c/reservedWords.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { CACHE_ARRAY, CACHE_MEMBER, CACHE_STRUCT, VCPU_STRUCT } from '../symbols/cacheNames.js';
import { OPERATIONS_STRUCT } from '../symbols/opsTables.js';
import type { FactSymbols } from '../symbols/wordRoles.js';
import { bitOperation } from '../registers/registerBits.js';
import { pastesOperation } from './calls.js';
import { withoutLast } from './declaredWords.js';
import { argumentsOf, bareExpression, calleeName, textOf } from './expressions.js';
import { structOf } from './expressionTypes.js';
import type { FunctionTree } from './functionTree.js';
import { isGenericCode } from './genericCode.js';
import { isGluedName } from './gluedNames.js';

/** A name that no compiler takes where it stands, and what is wrong with it. */
interface UnsoundName {
  readonly start: number;
  readonly why: string;
}

/** A function's tree with all that is known of words. */
export interface NameContext {
  readonly tree: FunctionTree;
  readonly symbols: FactSymbols;
}

/**
 * The names in a function that C takes by their form and no compiler does: where a word is half typed, or another than was meant.
 * Most headers are not read, so that a name which nothing declares tells something only where a register's is due.
 */
export function unsoundNames(context: NameContext): UnsoundName[] {
  // Its structs are another architecture's, too.
  if (isGenericCode(context.tree.source.path)) return [];
  const { nodes, parameters, source } = context.tree;
  const bare = parameters.flatMap(({ type }) =>
    isVcpus(context, type) ? [{ start: source.nameStart, why: `struct is missing before ${type}` }] : [],
  );
  const inBody = nodes.flatMap((node) => {
    const why = whyUnsound(context, node);
    return why === null ? [] : [{ start: node.start, why }];
  });
  return [...bare, ...inBody];
}

function whyUnsound(context: NameContext, node: CNode): string | null {
  switch (node.type) {
    case 'identifier':
      return whyUnsoundWord(context, node);
    case 'type_identifier':
      return whyUnsoundType(context, node);
    case 'field_expression':
      return unsoundMember(context, node);
    case 'call_expression':
      return whyUnsoundCall(context, node);
    case 'subscript_expression':
      return isCacheArray(context, node) ? whyNoNumber(context, child(node, 'index')) : null;
    case 'assignment_expression':
      return whyNoValue(context, [child(node, 'left'), child(node, 'right')]);
    case 'case_statement':
      return isVariable(context, child(node, 'value')) ? 'a case is no constant' : null;
    case 'while_statement':
      return isFunctionName(context, headWord(context, node)) ? 'a semicolon is missing behind a call' : null;
    case 'function_declarator':
      return isLocalDeclaration(context, node) ? 'an operator or a semicolon is missing here' : null;
    default:
      return null;
  }
}

function whyUnsoundWord(context: NameContext, node: CNode): string | null {
  const name = textOf(context, node);
  if (isReserved(name)) return `${name} is no name`;
  if (isGluedName(context, node)) return 'a . or a -> is missing in this name';
  if (node.type !== 'identifier' || !isUndeclared(context, name)) return null;
  if (name === CURRENT) return null;
  const isVcpu = node.parent?.type === 'field_expression' && memberOf(context, node.parent) === CACHE_MEMBER;
  const isDue = isVcpu || isHalfVariable(context.tree, name) || context.symbols.isHalfName(name);
  return isDue && !isGivenToMacro(context, node) ? nothingNamed(name) : null;
}

/** The word that a statement begins with, as it is written. */
function headWord({ tree }: NameContext, { start }: CNode): string {
  return /^\w*/.exec(tree.text.slice(start, start + LONGEST_NAME))?.[0] ?? '';
}

/** Characters: a longer one names nothing of the kernel's. */
const LONGEST_NAME = 200;

/** Whether a name is a function's that is given a register, or reads or writes one; not a macro's, which may be a loop. */
function isFunctionName({ tree, symbols }: NameContext, name: string): boolean {
  const isKnown = symbols.accessors.has(name) || symbols.indexed.has(name);
  return isKnown && !tree.variables.has(name) && !symbols.macros.has(name);
}

/** The task that runs: a macro of asm/current.h, which is not read. */
const CURRENT = 'current';

/** Macros are written so where a header that is not read defines them. */
const SPELLED_AS_MACRO = /^[A-Z0-9_]+$|offsetof/;

/** Whether a name is in what a macro is given, where it may be no expression: `offsetof(struct a, b.c)`. */
function isGivenToMacro(context: NameContext, node: CNode): boolean {
  for (const above of ancestors(node)) {
    if (above.type !== 'call_expression' || child(above, 'function') === node) continue;
    const name = calleeName(context, above);
    if (name !== '' && (context.symbols.macros.has(name) || SPELLED_AS_MACRO.test(name))) return true;
  }
  return false;
}

/** Whether a name lacks a character of a variable's at the end, or has one more. */
function isHalfVariable(tree: FunctionTree, name: string): boolean {
  return tree.variables.has(name.slice(0, -1)) || halfVariables(tree).has(name);
}

const halfVariables = memoizeByIdentity(({ variables }: FunctionTree) => withoutLast(variables.keys()));

/** Whether a name of nothing is nearly one of something: another may be declared in a header that is not read. */
function isHalfTyped({ tree, symbols }: NameContext, name: string): boolean {
  return isHalfVariable(tree, name) || symbols.isHalfName(name) || symbols.isHalfDeclared(name);
}

function nothingNamed(name: string): string {
  return `nothing is called ${name}`;
}

/** Whether nothing that is read declares a name. */
function isUndeclared({ tree, symbols }: NameContext, name: string): boolean {
  // Most names are variables, and every other question is recorded.
  if (tree.variables.has(name)) return false;
  const own = symbols.fileMacros.get(tree.source.path)?.has(name) ?? false;
  const isKnown = own || symbols.macros.has(name) || symbols.registers.byName.has(name);
  return !isKnown && !symbols.accessors.has(name) && !symbols.isDeclared(name);
}

function whyUnsoundType(context: NameContext, node: CNode): string | null {
  const name = textOf(context, node);
  if (isBareTag(context, node)) return `struct is missing before ${name}`;
  const isTag = node.parent?.type === 'struct_specifier' && !context.symbols.types.members.has(name);
  return isTag && isHalfOf(name, VCPU_STRUCT) ? nothingNamed(`struct ${name}`) : null;
}

function isHalfOf(word: string, name: string): boolean {
  return word !== name && (word.slice(0, -1) === name || name.slice(0, -1) === word);
}

/** The tag of a vCPU's struct that stands where a type does, without the word before it. */
function isBareTag(context: NameContext, node: CNode): boolean {
  const { parent } = node;
  if (parent?.type !== 'parameter_declaration' && parent?.type !== 'declaration') return false;
  return isVcpus(context, textOf(context, node));
}

/** Whether a struct is a vCPU, its part that is the cache, or has a vCPU or an area of guest state in it. */
function isVcpus({ symbols }: NameContext, tag: string): boolean {
  if (tag === VCPU_STRUCT || tag === CACHE_STRUCT) return true;
  const { structs } = placeTables(symbols.backends);
  return [...(symbols.types.members.get(tag)?.values() ?? [])].some(
    (type) => type === VCPU_STRUCT || structs.has(type),
  );
}

function memberOf(context: NameContext, expression: CNode): string {
  const field = child(expression, 'field');
  return field ? textOf(context, field) : '';
}

function unsoundMember(context: NameContext, expression: CNode): string | null {
  const field = child(expression, 'field');
  return (field ? whyUnsoundWord(context, field) : null) ?? unknownMember(context, expression);
}

/** What says that a struct lacks a member; null where it has it, or is not known. */
function unknownMember(context: NameContext, expression: CNode): string | null {
  const holder = child(expression, 'argument');
  const tag = holder ? structOf(context, holder) : null;
  const members = tag === null ? undefined : context.symbols.types.members.get(tag);
  const name = memberOf(context, expression);
  if (tag === null || !members || members.has(name) || context.symbols.macros.has(name)) return null;
  // Of other structs a header's copy may be a part, and macros may declare members: what lacks a character tells something alone.
  const isHalf = [...members.keys()].some((member) => isHalfOf(name, member));
  if (!isVcpus(context, tag) && !(isHalf && isTelling(context, expression))) return null;
  return `struct ${tag} has no member ${name}`;
}

/** Whether a chain of members and subscripts speaks of a register. */
function isTelling(context: NameContext, expression: CNode): boolean {
  const above = expression.parent;
  if (above && /^(?:field|subscript)_expression$/.test(above.type)) return isTelling(context, above);
  const words = tokenize(textOf(context, expression)).filter(({ kind }) => kind === 'word');
  const { roleOf, isHalfName } = context.symbols;
  return words.some(({ text }) => text === CACHE_MEMBER || roleOf(text).isTelling || isHalfName(text));
}

/** Whether a subscript is of the cache's array, or of another that holds registers. */
function isCacheArray(context: NameContext, subscript: CNode): boolean {
  const array = child(subscript, 'argument');
  if (array?.type !== 'field_expression') return false;
  const name = memberOf(context, array);
  return name === CACHE_ARRAY || context.symbols.fields.has(name);
}

/** What says that an expression is no register's number: a variable of a struct's type, or a name of nothing. */
function whyNoNumber(context: NameContext, expression: CNode | undefined): string | null {
  const node = expression && bareExpression(expression);
  if (node?.type !== 'identifier') return null;
  const name = textOf(context, node);
  const tag = context.tree.variables.get(name);
  if (tag !== undefined) return tag === '' ? null : `${name} is no register's number`;
  if (isFunctionName(context, name)) return `${name} is no register's number`;
  // What a header that is not read may define is a constant, in capitals.
  const isLocal = /^[a-z]/.test(name) || isHalfTyped(context, name);
  return isUndeclared(context, name) && isLocal ? nothingNamed(name) : null;
}

/** What says that one of some expressions is a name of nothing, where another is a register's place. Constants may be any header's. */
function whyNoValue(context: NameContext, expressions: readonly (CNode | undefined)[]): string | null {
  const isPlace = (node: CNode | undefined) =>
    node !== undefined && /^(?:field|subscript)_expression$/.test(node.type) && isTelling(context, node);
  if (!expressions.some(isPlace)) return null;
  const fn = expressions.find((node) => node?.type === 'identifier' && isFunctionName(context, textOf(context, node)));
  if (fn) return `${textOf(context, fn)} is a function, and no value`;
  const nothing = expressions.find((node) => {
    const name = node?.type === 'identifier' ? textOf(context, node) : '';
    return /^[a-z]/.test(name) && isUndeclared(context, name) && isHalfTyped(context, name);
  });
  return nothing ? (whyUnsoundWord(context, nothing) ?? nothingNamed(textOf(context, nothing))) : null;
}

function isVariable({ tree }: NameContext, node: CNode | undefined): boolean {
  return node?.type === 'identifier' && tree.variables.has(tree.text.slice(node.start, node.end));
}

function whyUnsoundCall(context: NameContext, call: CNode): string | null {
  const callee = child(call, 'function');
  if (callee?.type === 'call_expression') return unknownOperation(context, callee);
  if (callee?.type !== 'identifier') return null;
  const name = textOf(context, callee);
  if (isNoFunction(context, name)) return `${name} is no function`;
  const { symbols } = context;
  const given = argumentsOf(call);
  const indexed = symbols.indexed.get(name);
  if (indexed) return whyNoNumber(context, given[indexed.parameter]);
  const isField = placeTables(symbols.backends).functionNamed(name) !== null;
  const isUnderstood = isField || bitOperation(name) !== null || symbols.accessors.has(name);
  return (isField ? whyNoField(context, given) : null) ?? (isUnderstood ? whyNoValue(context, given) : null);
}

/** Whether a name is a struct's variable, or a register's number. */
function isNoFunction({ tree, symbols }: NameContext, name: string): boolean {
  return (tree.variables.get(name) ?? '') !== '' || symbols.registers.byName.has(name);
}

/** What says that `macro(name)(...)` calls an operation that there is not. */
function unknownOperation(context: NameContext, called: CNode): string | null {
  const operations = context.symbols.types.members.get(OPERATIONS_STRUCT);
  const [only, another] = argumentsOf(called);
  const isOperation = pastesOperation(context, calleeName(context, called));
  if (isOperation && !only) return 'no operation is named here';
  if (!operations || !isOperation || only?.type !== 'identifier' || another) return null;
  const name = textOf(context, only);
  if (operations.has(name)) return null;
  return isVariable(context, only) || isUndeclared(context, name) ? `no operation is called ${name}` : null;
}

/** What says that a constant which an accessor of hardware's fields is given is none. */
function whyNoField(context: NameContext, given: readonly CNode[]): string | null {
  const field = given.find(({ type }) => type === 'identifier');
  const name = field ? textOf(context, field) : '';
  const isHalf = /^[A-Z]/.test(name) && isUndeclared(context, name) && isHalfTyped(context, name);
  return isHalf ? nothingNamed(name) : null;
}

/** Whether a declaration in a body has the form of a known function's: `a b(c);`, which a call is that lost what stood before it. */
function isLocalDeclaration(context: NameContext, declarator: CNode): boolean {
  const declaration = declarator.parent;
  const name = child(declarator, 'declarator');
  if (declaration?.type !== 'declaration' || name?.type !== 'identifier') return false;
  // Another is a macro of a header that is not read, as `int uninitialized_var(x);` has it.
  const { isDeclared, accessors } = context.symbols;
  if (!isDeclared(textOf(context, name)) && !accessors.has(textOf(context, name))) return false;
  return !/^extern\b/.test(textOf(context, declaration));
}
