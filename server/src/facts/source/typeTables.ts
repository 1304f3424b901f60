import { isAttribute, isAttributeCall } from '../../syntax/c/reservedWords.js';
import { closingIndex, splitAt } from '../../syntax/text/brackets.js';
import { collapse, tokenize, type Token } from '../../syntax/text/tokens.js';
import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity, lazy } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** The struct and union types that a tree's members and functions have: enough to follow `to_svm(vcpu)->vmcb->save.rax`. */
export interface TypeTables {
  /** struct tag -> member -> tag of the member's type, or '' for a type that is no struct. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** function -> tag of the struct it returns (a pointer to). */
  readonly returns: ReadonlyMap<string, string>;
  /** The struct that alone has a member of a name; null where several do, none, or one without a name. */
  readonly onlyHolder: (member: string) => string | null;
}

/** Reads struct definitions and function return types. */
export function readTypeTables(outlines: readonly SourceOutline[]): TypeTables {
  const members = new Map<string, ReadonlyMap<string, string>>();
  const returns = new Map<string, string>();
  for (const own of outlines.map(fileTypes)) {
    for (const [tag, parts] of own.structs) {
      if (!members.has(tag)) for (const [part, its] of parts) members.set(part, its);
    }
    for (const [name, tag] of own.returns) if (!returns.has(name)) returns.set(name, tag);
  }
  const holders = lazy(() => holdersOf(members));
  const onlyHolder = (member: string) => {
    const [only, another] = holders().get(member) ?? [];
    return another === undefined && only !== undefined && !only.includes('{') ? only : null;
  };
  return { members, returns, onlyHolder };
}

/** The structs that have a member, by its name. */
function holdersOf(members: TypeTables['members']): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [tag, its] of members) {
    for (const member of its.keys()) {
      const known = found.get(member);
      if (known) known.push(tag);
      else found.set(member, [tag]);
    }
  }
  return found;
}

/** What one file says of types. */
interface FileTypes {
  /** struct tag -> the members of the struct, by its tag, and of those defined in it, by theirs. */
  readonly structs: ReadonlyMap<string, TypeTables['members']>;
  readonly returns: TypeTables['returns'];
}

/** Reads the types of a file alone. */
export const fileTypes = memoizeByIdentity((file: SourceOutline): FileTypes => {
  const structs = new Map<string, TypeTables['members']>();
  const returns = new Map<string, string>();
  for (const item of file.items) {
    if (item.kind === 'struct' && item.name !== '' && !structs.has(item.name))
      structs.set(item.name, readStruct(file, item));
    if (item.kind === 'function' || (item.kind === 'declaration' && item.calls.length > 0))
      readReturn(file, item, returns);
  }
  return { structs, returns };
}, keptTable('fileTypes'));

/**
 * `struct tag *name(`, or all before the name. A word with a star of its own may stand before it: `struct tag *__percpu *name(`.
 * White space is one space at the most: with any number, three times in a row, the time would grow with its cube.
 */
const RETURNED = /\b(?:struct|union) (\w+)\b ?\*? ?(?:\w+ ?\* ?)?(\w*) ?(?:\(|$)/;

function readReturn(file: SourceOutline, item: OutlineItem, returns: Map<string, string>): void {
  const head = collapse(file.code, item.start, item.kind === 'function' ? item.nameStart : item.end);
  const found = RETURNED.exec(head);
  const name = item.kind === 'function' ? item.name : found?.[2];
  if (found?.[1] && name && !returns.has(name)) returns.set(name, found[1]);
}

function readStruct(file: SourceOutline, item: OutlineItem): TypeTables['members'] {
  const all = new Map<string, Map<string, string>>();
  const reader = { tokens: tokenize(file.code, item.bodyStart, item.end), at: 0, depth: 0 };
  return all.set(item.name, readMembers(reader, item.name, all));
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

/** Structs in one another; no kernel's are nested deeper, and the members of a deeper one stay unknown. */
const DEEPEST = 32;

/**
 * Reads `{ ... }` at the reader. The members of a struct without a tag and a name are its parent's too. A struct without a tag is
 * known by its parent and its number in it, wherever that stands.
 */
function readMembers(reader: Reader, tag: string, all: Map<string, Map<string, string>>): Map<string, string> {
  const members = new Map<string, string>();
  if (reader.depth >= DEEPEST) {
    const close = closingIndex(reader.tokens, reader.at);
    reader.at = close < 0 ? reader.tokens.length : close;
    return members;
  }
  reader.depth++;
  reader.at++;
  let declaration: Token[] = [];
  let inner: { readonly tag: string; readonly members: ReadonlyMap<string, string> } | null = null;
  for (let token = reader.tokens[reader.at]; token && token.text !== '}'; token = reader.tokens[reader.at]) {
    if (token.text === '{') {
      const innerTag = `${tag}{${String(all.size)}`;
      inner = { tag: innerTag, members: readMembers(reader, innerTag, all) };
      all.set(innerTag, new Map(inner.members));
      declaration = [];
    } else if (token.text === ';') {
      const names = declaredNames(declaration);
      if (inner && names.length === 0) for (const [name, type] of inner.members) members.set(name, type);
      for (const name of names) members.set(name, inner?.tag ?? structTag(declaration));
      declaration = [];
      inner = null;
    } else declaration.push(token);
    reader.at++;
  }
  reader.depth--;
  return members;
}

function structTag(declaration: readonly Token[]): string {
  const keyword = declaration.findIndex((token) => token.text === 'struct' || token.text === 'union');
  return keyword < 0 ? '' : (declaration[keyword + 1]?.text ?? '');
}

/** The names that a member's declaration declares. */
function declaredNames(declaration: readonly Token[]): string[] {
  const [first, open, argument] = declaration;
  const isMacro = first?.kind === 'word' && open?.text === '(' && argument?.kind === 'word';
  if (isMacro && !isAttributeCall(first.text)) return macroNames(declaration);
  return splitAt(declaration, ',').flatMap((part) => declaredName(part) ?? []);
}

/** What a macro declares: DECLARE_BITMAP(regs_avail, NR), __DECLARE_FLEX_ARRAY(struct page, pages). Constants are no names. */
function macroNames(declaration: readonly Token[]): string[] {
  return splitAt(declaration.slice(2, -1), ',').flatMap(([word, another]) =>
    word?.kind === 'word' && !another && /[a-z]/.test(word.text) ? [word.text] : [],
  );
}

/** The last word of a declarator outside of brackets, or a function pointer's in the first ones: `void (*cache_reg)(...)`. */
function declaredName(declarator: readonly Token[]): string | null {
  let last: string | null = null;
  for (const i of outsideOfBrackets(declarator)) {
    const [token, next, name] = declarator.slice(i, i + 3);
    if (token?.text === ':') return last;
    if (token?.text === '(' && next?.text === '*') last = name?.text ?? last;
    if (token?.kind === 'word' && !isAttribute(token.text) && !isAttributeCall(token.text)) last = token.text;
  }
  return last;
}

/** The places of the tokens that no bracket is around; brackets that open outside of others are among them. */
function outsideOfBrackets(tokens: readonly Token[]): number[] {
  let depth = 0;
  return tokens.flatMap(({ text }, i) => {
    const isOutside = depth === 0;
    if (text === '[' || text === '(') depth++;
    else if (text === ']' || text === ')') depth--;
    return isOutside ? [i] : [];
  });
}
