import { placeTables } from '../../backends/registry.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { isHalfReserved, isReserved } from '../../syntax/c/reservedWords.js';
import { CACHE_ARRAY, CACHE_MEMBER, VCPU_STRUCT } from '../symbols/cacheNames.js';
import { OPERATIONS_STRUCT } from '../symbols/opsTables.js';
import { bitOperation } from '../registers/registerBits.js';
import { pastesOperation } from './calls.js';
import { argumentsOf, bareExpression, calleeName, textOf } from './expressions.js';
import { isGenericCode } from './genericCode.js';
import { isGluedName } from './gluedNames.js';
import {
  CURRENT,
  isHalfOf,
  isHalfTyped,
  isHalfVariable,
  isTelling,
  isUndeclared,
  isVcpus,
  LONGEST_NAME,
  memberOf,
  nothingNamed,
  type NameContext,
} from './nameContext.js';
import { unknownMember, whyNoHolder } from './unsoundMembers.js';

/** A name that no compiler takes where it stands, and what is wrong with it. */
interface UnsoundName {
  readonly start: number;
  readonly why: string;
}

/**
 * The names in a function that C takes by their form and no compiler does: where a word is half typed, or another than was meant.
 * Most headers are not read, so that a name which nothing declares tells something only where a register's is due.
 */
export function unsoundNames(context: NameContext): UnsoundName[] {
  // Its structs are another architecture's, too.
  if (isGenericCode(context.tree.source.path)) return [];
  const { nodes, parameters, source } = context.tree;
  const twice = parameters.filter(({ name }) => isLocal(context, name));
  const redeclared = twice.map(({ name }) => ({ start: source.nameStart, why: `${name} is declared twice` }));
  const bare = parameters.flatMap(({ type }) =>
    isVcpus(context, type) ? [{ start: source.nameStart, why: `struct is missing before ${type}` }] : [],
  );
  const inBody = nodes.flatMap((node) => {
    const why = whyUnsound(context, node);
    return why === null ? [] : [{ start: node.start, why }];
  });
  return [...redeclared, ...bare, ...inBody];
}

/** Whether a function's own block declares a name with a value: no parameter may be called so (C11 6.2.1, 4 and 6.7, 3). */
function isLocal({ tree }: NameContext, name: string): boolean {
  const values = tree.definitions.get(name) ?? [];
  return values.some(({ node, isInitial }) => isInitial && node.parent?.parent === tree.body);
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
      return whyNoMove(context, node);
    case 'expression_statement':
      return whyNoStatement(context, node);
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

/** Whether a node is a variable, by how it is spelled and used, that nothing declares. */
export function isUndeclaredVariable(context: NameContext, node: CNode): boolean {
  if (node.type !== 'identifier' || child(node.parent ?? node, 'function') === node) return false;
  const name = textOf(context, node);
  return /^[a-z]/.test(name) && isUndeclared(context, name);
}

/** The word that a statement begins with, as it is written. */
function headWord({ tree }: NameContext, { start }: CNode): string {
  return /^\w*/.exec(tree.text.slice(start, start + LONGEST_NAME))?.[0] ?? '';
}

/** Whether a name is a function's that is given a register, or reads or writes one; not a macro's, which may be a loop. */
function isFunctionName({ tree, symbols }: NameContext, name: string): boolean {
  const isKnown = symbols.accessors.has(name) || symbols.indexed.has(name);
  return isKnown && !tree.variables.has(name) && !symbols.macros.has(name);
}

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

function whyUnsoundType(context: NameContext, node: CNode): string | null {
  const name = textOf(context, node);
  if (isBareTag(context, node)) return `struct is missing before ${name}`;
  const isTag = node.parent?.type === 'struct_specifier' && !context.symbols.types.members.has(name);
  return isTag && isHalfOf(name, VCPU_STRUCT) ? nothingNamed(`struct ${name}`) : null;
}

/** The tag of a vCPU's struct that stands where a type does, without the word before it. */
function isBareTag(context: NameContext, node: CNode): boolean {
  const { parent } = node;
  if (parent?.type !== 'parameter_declaration' && parent?.type !== 'declaration') return false;
  return isVcpus(context, textOf(context, node));
}

function unsoundMember(context: NameContext, expression: CNode): string | null {
  const field = child(expression, 'field');
  return (field ? whyUnsoundWord(context, field) : null) ?? unknownMember(context, expression);
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
  const isDue = /^[a-z]/.test(name) || isHalfTyped(context, name) || isSpelledAsNumber(context, name);
  return isUndeclared(context, name) && isDue ? nothingNamed(name) : null;
}

/** Whether a name begins as that of a register's number does: `VCPU_REGS_R15`, where there is a `VCPU_REGS_R14`. */
function isSpelledAsNumber({ symbols }: NameContext, name: string): boolean {
  const beginning = name.slice(0, name.lastIndexOf('_') + 1);
  return beginning !== '' && symbols.registers.members.some((member) => member.name.startsWith(beginning));
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

/** What says that an assignment of a register to or from something is none. */
function whyNoMove(context: NameContext, assignment: CNode): string | null {
  const sides = [child(assignment, 'left'), child(assignment, 'right')];
  const isMove = sides.some((side) => side !== undefined && isTelling(context, side));
  return whyNoValue(context, sides) ?? (isMove ? whyNoHolder(context, sides) : null);
}

/** What says that half a word of the language is no statement: `retur;`. Another may be a macro of a header that is not read. */
function whyNoStatement(context: NameContext, { start, end }: CNode): string | null {
  const [, name] = /^([a-z]+)\s*;$/.exec(context.tree.text.slice(start, Math.min(end, start + LONGEST_NAME))) ?? [];
  return name !== undefined && isHalfReserved(name) && isUndeclared(context, name) ? nothingNamed(name) : null;
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
  const isAccessor = symbols.accessors.has(name);
  const isUnderstood = isField || bitOperation(name) !== null || isAccessor;
  const whyNoArgument = isUnderstood ? whyNoValue(context, given) : null;
  return (
    (isField ? whyNoField(context, given) : null) ??
    whyNoArgument ??
    (isField || isAccessor ? whyNoHolder(context, given) : null)
  );
}

/** Whether a name is a struct's variable, a register's number, or a constant by which code speaks of a register. */
function isNoFunction(context: NameContext, name: string): boolean {
  const { tree, symbols } = context;
  if ((tree.variables.get(name) ?? '') !== '' || symbols.registers.byName.has(name)) return true;
  return /^[A-Z][A-Z0-9_]+$/.test(name) && symbols.roleOf(name).isTelling && isConstant(context, name);
}

/** Whether a name is declared, and is no macro's. */
function isConstant({ tree, symbols }: NameContext, name: string): boolean {
  const own = symbols.fileMacros.get(tree.source.path)?.has(name) ?? false;
  return !own && !symbols.macros.has(name) && symbols.isDeclared(name);
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
