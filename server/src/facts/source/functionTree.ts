import { readableC, withBlanks } from '../../syntax/c/blanking.js';
import { child, descendants, isUnread, parseC, type CNode, type CParser } from '../../syntax/c/cTree.js';
import { branchVariants } from '../../syntax/preprocessor/branchVariants.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { commonSpans, isWithin } from '../../syntax/text/spans.js';
import { bitmapCondition, bitmapLocals, type BitmapLocals } from '../registers/bitmapLocals.js';
import { guardContext, nodesUnderTooMany, type GuardContext } from './guards.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FunctionSource } from './functionSource.js';

/** A function's definition as a tree, once for each way through its `#if`s. Offsets count from the function's first character. */
export interface FunctionTree {
  readonly source: FunctionSource;
  /** The function's text in this variant: comments, directives and the other branches of `#if`s are blank. */
  readonly text: string;
  readonly body: CNode;
  /** The body's nodes in the order of the text, without those under too many conditions. */
  readonly nodes: readonly CNode[];
  /** Where local variables get their values. */
  readonly definitions: ReadonlyMap<string, readonly Definition[]>;
  /** Those of them that stand for the cache's bitmaps and masks. */
  readonly bitmapLocals: BitmapLocals;
  readonly guards: GuardContext;
  readonly parameters: readonly Parameter[];
  /** Tag of the struct that each parameter and local variable is or points to; '' for other types. */
  readonly variables: ReadonlyMap<string, string>;
  /** Whether an offset was read in an earlier variant, so that facts are taken once. */
  readonly isRepeated: (offset: number) => boolean;
  /** Parts that tree-sitter could not read, and those under too many conditions. */
  readonly unread: readonly Span[];
}

/** An initialiser of a variable, or an assignment to it. */
export interface Definition {
  readonly node: CNode;
  readonly value: CNode;
  readonly isInitial: boolean;
}

export interface Parameter {
  readonly name: string;
  /** The type as written, without the name. */
  readonly type: string;
}

/** Gives a function's trees. */
export type TreeReader = (source: FunctionSource) => readonly FunctionTree[];

/** Reads functions' trees, each function once. */
export function treeReader(c: CParser): TreeReader {
  return memoizeByIdentity((source: FunctionSource) => functionTrees(c, source));
}

/** A longer function is not parsed: KVM's longest has 15,000. Characters. */
const LONGEST_FUNCTION = 100_000;

/** The trees of a function, one for each variant of its `#if`s. */
function functionTrees(c: CParser, source: FunctionSource): FunctionTree[] {
  const { length } = source.code;
  if (length > LONGEST_FUNCTION) return [];
  const trees: FunctionTree[] = [];
  let fresh: readonly Span[] = [{ start: 0, end: length }];
  for (const blanked of branchVariants(source.conditionals, { start: 0, end: length })) {
    const tree = functionTree(c, source, { blanked, fresh });
    fresh = commonSpans(fresh, blanked);
    if (tree) trees.push(tree);
  }
  return trees;
}

/** A way through a function's `#if`s: what is blank in it, and what was blank in all that were read before. */
interface Variant {
  readonly blanked: readonly Span[];
  readonly fresh: readonly Span[];
}

function functionTree(c: CParser, source: FunctionSource, { blanked, fresh }: Variant): FunctionTree | null {
  const { code, conditionals } = source;
  const text = withBlanks(code, blanked, 0, code.length);
  const root = parseC(c, readableC(withPlainHead(text, source)), -PLAIN_TYPE.length);
  const definition = root?.children.find((node) => node.type === 'function_definition');
  const body = definition ? child(definition, 'body') : undefined;
  if (!definition || !body) return null;
  const all = descendants(definition);
  const inBody = all.filter((node) => node.start >= body.start);
  const definitions = definitionsIn(code, inBody);
  const locals = bitmapLocals(text, definitions);
  const guards = guardContext(text, conditionals, inBody, (condition) => bitmapCondition(locals, condition));
  const left = nodesUnderTooMany(guards, body, inBody);
  return {
    source,
    text,
    body,
    nodes: left.length === 0 ? inBody : inBody.filter(({ start }) => !isWithin(left, start)),
    definitions,
    bitmapLocals: locals,
    guards,
    parameters: parametersOf(code, all),
    variables: variableTypes(code, all),
    isRepeated: (offset) => !isWithin(fresh, offset),
    unread: [...all.filter((node) => isUnread(node) || isReturnedAssignment(source, node)), ...left].map(
      ({ start, end }) => ({ start, end }),
    ),
  };
}

/** Whether a function that returns nothing returns an assignment: a `return` lost its semicolon. */
function isReturnedAssignment({ code, nameStart }: FunctionSource, { type, children }: CNode): boolean {
  if (type !== 'return_statement' || children[0]?.type !== 'assignment_expression') return false;
  return /\bvoid\s+$/.test(code.slice(0, nameStart));
}

const PLAIN_TYPE = 'int ';

/** A head's specifiers are of no use to the parser and may be unknown to it: `int`, put before it, stands for them. */
function withPlainHead(text: string, { nameStart }: FunctionSource): string {
  return PLAIN_TYPE + withBlanks(text, [{ start: 0, end: nameStart }], 0, text.length);
}

function parametersOf(code: string, nodes: readonly CNode[]): Parameter[] {
  const list = nodes.find((node) => node.type === 'parameter_list');
  return (list?.children ?? []).flatMap((parameter) => {
    const name = declaredName(code, parameter);
    if (parameter.type !== 'parameter_declaration') return [];
    const type = child(parameter, 'type');
    return [{ name, type: type ? code.slice(type.start, type.end) : '' }];
  });
}

/** The name that a declarator declares, or ''. */
function declaredName(code: string, node: CNode): string {
  for (
    let at = child(node, 'declarator');
    at;
    at = child(at, 'declarator') ?? at.children.find((c) => c.type.endsWith('declarator'))
  ) {
    if (at.type === 'identifier') return code.slice(at.start, at.end);
  }
  return '';
}

function definitionsIn(code: string, nodes: readonly CNode[]): Map<string, Definition[]> {
  const definitions = new Map<string, Definition[]>();
  for (const node of nodes) {
    const isInitial = node.type === 'init_declarator';
    if (!isInitial && (node.type !== 'assignment_expression' || child(node, 'operator')?.type !== '=')) continue;
    const left = child(node, 'left');
    const name = isInitial
      ? declaredName(code, node)
      : left?.type === 'identifier'
        ? code.slice(left.start, left.end)
        : '';
    const value = child(node, isInitial ? 'value' : 'right');
    if (name === '' || !value) continue;
    const known = definitions.get(name);
    if (known) known.push({ node, value, isInitial });
    else definitions.set(name, [{ node, value, isInitial }]);
  }
  return definitions;
}

function variableTypes(code: string, nodes: readonly CNode[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const node of nodes) {
    if (node.type !== 'parameter_declaration' && node.type !== 'declaration') continue;
    const type = child(node, 'type');
    const tag = type ? structTag(code.slice(type.start, type.end)) : '';
    const declarators = node.type === 'declaration' ? node.children.filter((c) => c.field === 'declarator') : [node];
    for (const declarator of declarators) {
      const name =
        declarator.type === 'identifier'
          ? code.slice(declarator.start, declarator.end)
          : declaredName(code, declarator);
      if (name !== '' && !types.has(name)) types.set(name, tag);
    }
  }
  return types;
}

/** `vcpu_svm` of `struct vcpu_svm *`; '' of a type that is no struct, or one without a name. */
export function structTag(type: string): string {
  return /^[^{]*\b(?:struct|union)\s+(\w+)/.exec(type)?.[1] ?? '';
}
