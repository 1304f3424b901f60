import { behindParenthesis } from '../text/brackets.js';
import type { TokenKind } from '../text/tokens.js';
import { isAttribute, isAttributeCall } from './reservedWords.js';

/** What a top-level piece of a C file is. */
export type ItemKind = 'function' | 'macro-use' | 'enum' | 'struct' | 'object' | 'declaration';

/** A token that may tell what an item is. */
export interface HeadToken {
  readonly kind: TokenKind;
  readonly start: number;
  readonly text: string;
}

/** The tokens of an item outside of braces. */
interface ItemHead {
  readonly head: readonly HeadToken[];
  /** Offset of the body's `{`; -1 without one. */
  readonly bodyStart: number;
  /** Index of the body's `{` among the tokens. */
  readonly bodyAt: number;
}

/** What an item is; a null name is that of an unnamed type. */
interface Identity {
  readonly kind: ItemKind;
  readonly name: HeadToken | null;
}

/** What the tokens of an item outside of braces say that it is. */
export function kindAndName({ head, bodyStart, bodyAt }: ItemHead): Identity {
  const isDefinition = bodyStart >= 0;
  const declared = isDefinition ? head.slice(0, bodyAt) : head;
  const equals = declared.findIndex((token) => token.text === '=');
  if (equals > 0) return { kind: 'object', name: objectName(withoutAttributes(declared.slice(0, equals))) };
  const definition = isDefinition ? definitionIn(withoutAttributes(declared)) : null;
  if (definition) return definition;
  const [first, next] = head;
  if (first?.kind === 'word' && next?.text === '(') return { kind: 'macro-use', name: first };
  return { kind: 'declaration', name: head.findLast((token) => token.kind === 'word') ?? null };
}

/** The function or type that stands before a `{`; null where it is neither. */
function definitionIn(head: readonly HeadToken[]): Identity | null {
  const name = functionName(head);
  if (name) return { kind: 'function', name };
  const at = head.findIndex((token) => token.text === 'enum' || token.text === 'struct' || token.text === 'union');
  if (at < 0) return null;
  const named = head[at + 1];
  return { kind: head[at]?.text === 'enum' ? 'enum' : 'struct', name: named?.kind === 'word' ? named : null };
}

/** A head's tokens without the attributes, `__packed` or `__attribute__((...))`. */
export function withoutAttributes(head: readonly HeadToken[]): HeadToken[] {
  const plain: HeadToken[] = [];
  for (let i = 0; i < head.length; i++) {
    const token = head[i];
    if (!token) break;
    if (isAttributeCall(token.text) && head[i + 1]?.text === '(') i = behindParenthesis(head, i + 1) - 1;
    else if (!isAttribute(token.text)) plain.push(token);
  }
  return plain;
}

/** The name in `type name(...)`, with any words behind it; null for a head without attributes that is no function's. */
export function functionName(head: readonly HeadToken[]): HeadToken | null {
  if (head.some((token) => token.text === '=')) return null;
  if (!head.slice(head.findLastIndex((t) => t.text === ')') + 1).every((t) => t.kind === 'word')) return null;
  const names: HeadToken[] = [];
  let depth = 0;
  head.forEach((token, i) => {
    const before = head[i - 1];
    if (token.text === '(') {
      if (depth++ === 0 && before?.kind === 'word') names.push(before);
    } else if (token.text === ')') depth--;
  });
  // Attributes that are not known may stand on either side; they begin with `__` more often than functions do.
  return names.findLast((name) => !name.text.startsWith('__')) ?? names[0] ?? null;
}

/** The name that is declared before an initialiser; of an array of function pointers, `(*const handlers[])(...)`, that inside. */
function objectName(head: readonly HeadToken[]): HeadToken | null {
  const pointer = head.findIndex((token, i) => token.text === '(' && head[i + 1]?.text === '*');
  if (pointer >= 0) return head.slice(pointer).find((token) => token.kind === 'word' && token.text !== 'const') ?? null;
  // `table` in `table[SIZE]` is the object; `SIZE` is not.
  let depth = 0;
  for (const token of head.toReversed()) {
    if (token.text === ']') depth++;
    else if (token.text === '[') depth--;
    else if (depth === 0 && token.kind === 'word') return token;
  }
  return null;
}
