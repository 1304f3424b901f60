import { readableC, withBlanks } from '../../syntax/c/blanking.js';
import { child, descendants, isUnread, movedTree, parseC, type CNode, type CParser } from '../../syntax/c/cTree.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { branchVariants } from '../../syntax/preprocessor/branchVariants.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { guardContext, type GuardContext } from './guards.js';
import { itemCache } from './itemCache.js';
import type { SourceOutline } from './sourceOutline.js';

/** A function's definition as a tree, once for each way through its `#if`s. */
export interface FunctionTree {
  readonly file: SourceOutline;
  readonly item: OutlineItem;
  /** The item's text in this variant: comments, directives and the other branches of `#if`s are blank. */
  readonly text: string;
  readonly body: CNode;
  /** The body's nodes in the order of the text. */
  readonly nodes: readonly CNode[];
  /** Where local variables get their values. */
  readonly definitions: ReadonlyMap<string, readonly Definition[]>;
  readonly guards: GuardContext;
  readonly parameters: readonly Parameter[];
  /** Tag of the struct that each parameter and local variable is or points to; '' for other types. */
  readonly variables: ReadonlyMap<string, string>;
  /** Whether an offset was read in an earlier variant, so that facts are taken once. */
  readonly isRepeated: (offset: number) => boolean;
  /** Parts that tree-sitter could not read. */
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
export type TreeReader = (file: SourceOutline, item: OutlineItem) => readonly FunctionTree[];

/** Parses the text of an item, whose offsets in its file begin at `base`. */
type ItemParser = (file: SourceOutline, item: OutlineItem, text: string, base: number) => CNode | null;

/** Reads functions' trees, each function once; one that an edit has only moved is not parsed again. */
export function treeReader(c: CParser): TreeReader {
  const known = new WeakMap<OutlineItem, readonly FunctionTree[]>();
  const memory = itemCache<CNode | null>((root, by) => root && movedTree(root, by));
  const parse: ItemParser = (file, item, text, base) => memory(file)(text, item, () => parseC(c, text, base));
  return (file, item) => {
    const trees = known.get(item) ?? functionTrees(parse, file, item);
    known.set(item, trees);
    return trees;
  };
}

/** A longer function is not parsed: KVM's longest has 15,000. Characters. */
const LONGEST_FUNCTION = 100_000;

/** The trees of a function, one for each variant of its `#if`s. */
function functionTrees(parse: ItemParser, file: SourceOutline, item: OutlineItem): FunctionTree[] {
  if (item.end - item.start > LONGEST_FUNCTION) return [];
  const trees: FunctionTree[] = [];
  const blankedBefore: Span[][] = [];
  for (const blanked of branchVariants(file.directives, item)) {
    const tree = functionTree(parse, file, item, blanked, [...blankedBefore]);
    blankedBefore.push(blanked);
    if (tree) trees.push(tree);
  }
  return trees;
}

function functionTree(
  parse: ItemParser,
  file: SourceOutline,
  item: OutlineItem,
  blanked: readonly Span[],
  before: readonly (readonly Span[])[],
): FunctionTree | null {
  const text = withBlanks(file.code, blanked, item.start, item.end);
  const head = readableC(withPlainHead(text, item));
  const root = parse(file, item, head, item.start - PLAIN_TYPE.length);
  const definition = root?.children.find((node) => node.type === 'function_definition');
  const body = definition ? child(definition, 'body') : undefined;
  if (!definition || !body) return null;
  const all = descendants(definition);
  const nodes = all.filter((node) => node.start >= body.start);
  return {
    file,
    item,
    text,
    body,
    nodes,
    definitions: definitionsIn(file.code, nodes),
    guards: guardContext({ text, start: item.start }, file.directives, nodes),
    parameters: parametersOf(file.code, all),
    variables: variableTypes(file.code, all),
    isRepeated: (offset) => before.some((spans) => !spans.some((span) => span.start <= offset && offset < span.end)),
    unread: all.filter(isUnread).map(({ start, end }) => ({ start, end })),
  };
}

const PLAIN_TYPE = 'int ';

/** A head's specifiers are of no use to the parser and may be unknown to it: `int`, put before it, stands for them. */
function withPlainHead(text: string, item: OutlineItem): string {
  return PLAIN_TYPE + withBlanks(text, [{ start: 0, end: item.nameStart - item.start }], 0, text.length);
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
