import { Language, Parser, type TreeCursor } from 'web-tree-sitter';
import type { Span } from '../text/sourceText.js';

/** A node of a C syntax tree, in plain data. Offsets are into the file that the parsed piece is part of. */
export interface CNode extends Span {
  /** tree-sitter-c's node type; an operator or keyword has its own text as type. See `isUnread` for the rest. */
  readonly type: string;
  /** The field it has in its parent (`condition`, `left`, ...), or null. */
  readonly field: string | null;
  readonly parent: CNode | null;
  /** Named nodes, and those that have a field (operators). */
  readonly children: readonly CNode[];
}

/** Parses C. Made once; `parseC` may then be called for any number of texts. */
export interface CParser {
  readonly parser: Parser;
  readonly fields: readonly (string | null)[];
  /** The node types by their numbers. */
  readonly types: readonly string[];
  /** The numbers of node types that have no name: operators, keywords, punctuation. */
  readonly unnamed: ReadonlySet<number>;
}

/** The bytes of the two WebAssembly modules that parsing needs. */
interface GrammarModules {
  /** web-tree-sitter's own `web-tree-sitter.wasm`. */
  readonly runtime: Uint8Array;
  /** tree-sitter-c's `tree-sitter-c.wasm`. */
  readonly grammar: Uint8Array;
}

/** Makes the parser. Rejects when the modules are not what they should be. */
export async function createCParser(modules: GrammarModules): Promise<CParser> {
  await Parser.init({ wasmBinary: modules.runtime });
  const language = await Language.load(modules.grammar);
  const parser = new Parser();
  parser.setLanguage(language);
  const unnamed = new Set(Array.from(language.types.keys()).filter((type) => !language.nodeTypeIsNamed(type)));
  return { parser, fields: language.fields, types: language.types, unnamed };
}

/**
 * How deep trees go: far deeper than any kernel's (KVM's deepest have 38 levels), and not so deep that what walks a tree
 * comes near the end of the stack. Code that is nested deeper is left unread.
 */
const DEEPEST = 400;

/** What stands for a piece that could not be read. */
const UNREAD = 'ERROR';

/** Whether a node stands for what is not C, what is missing, or what is nested too deep to be read. */
export function isUnread(node: CNode): boolean {
  return node.type === UNREAD;
}

/**
 * The syntax tree of a piece of C. `base` is added to every offset. Text that is not C gives nodes that are unread, with
 * what could be read inside them; null only if the parser gave up.
 */
export function parseC(c: CParser, text: string, base: number): CNode | null {
  const tree = c.parser.parse(text);
  if (!tree) return null;
  try {
    const cursor = tree.walk();
    try {
      const walk = { ...c, cursor, base, mayMiss: tree.rootNode.hasError };
      return plainNode(walk, null, { type: cursor.nodeTypeId, field: cursor.currentFieldId, depth: 0 });
    } finally {
      cursor.delete();
    }
  } finally {
    tree.delete();
  }
}

interface Walk extends CParser {
  readonly cursor: TreeCursor;
  readonly base: number;
  /** The text is not wholly C, so that a node may stand for something that is missing. */
  readonly mayMiss: boolean;
}

interface GrowingNode extends CNode {
  readonly children: CNode[];
}

/** Numbers that are known of the node that a cursor is at, and how deep it is in the tree. */
interface WalkedNode {
  readonly type: number;
  readonly field: number;
  readonly depth: number;
}

/** Every question to a cursor is a call into WebAssembly, most of what a tree costs: none is asked twice. */
function plainNode(walk: Walk, parent: CNode | null, { type: typeId, field, depth }: WalkedNode): CNode {
  const { cursor, fields, types, unnamed, base, mayMiss } = walk;
  const isTooDeep = depth >= DEEPEST;
  // The number of an error node is beyond the grammar's own.
  const type = types[typeId] ?? UNREAD;
  const node: GrowingNode = {
    type: isTooDeep || (mayMiss && cursor.nodeIsMissing) || isTypeBehindWords(type, parent) ? UNREAD : type,
    field: fields[field] ?? null,
    start: cursor.startIndex + base,
    end: cursor.endIndex + base,
    parent,
    children: [],
  };
  if (!isTooDeep && cursor.gotoFirstChild()) {
    do {
      const childType = cursor.nodeTypeId;
      const childField = cursor.currentFieldId;
      if (childField > 0 || !unnamed.has(childType) || (mayMiss && cursor.nodeIsMissing))
        node.children.push(plainNode(walk, node, { type: childType, field: childField, depth: depth + 1 }));
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return node;
}

/** Whether a node is `cr3` of `unsigned long cr3 root`, which the grammar takes for a type and no compiler does (C11 6.7.2). */
function isTypeBehindWords(type: string, parent: CNode | null): boolean {
  return parent?.type === 'sized_type_specifier' && type === 'type_identifier';
}

/** The child that has a field, or undefined. */
export function child(node: CNode, field: string): CNode | undefined {
  return node.children.find((c) => c.field === field);
}

/** A node and all below it, in the order of the text. */
export function descendants(node: CNode): CNode[] {
  const found: CNode[] = [];
  collect(node, found);
  return found;
}

function collect(node: CNode, found: CNode[]): void {
  found.push(node);
  for (const c of node.children) collect(c, found);
}

/** The nodes from a node's parent up to the root. */
export function* ancestors(node: CNode): Generator<CNode> {
  for (let at = node.parent; at; at = at.parent) yield at;
}
