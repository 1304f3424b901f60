import type { Span } from '../text/sourceText.js';
import { forEachToken } from '../text/tokens.js';
import { functionName, kindAndName, withoutAttributes, type HeadToken, type ItemKind } from './itemIdentity.js';

/** A use of a name as `name(...)`, or as `macro(name)(...)`. Offsets count from where its item begins. */
export interface CallSite {
  readonly name: string;
  readonly offset: number;
  /** Behind its last bracket; where that is missing, behind the name. */
  readonly end: number;
  /** The name of what it is called as a member of, `ops` in `x->ops->run()`; null for another call. */
  readonly holder: string | null;
}

/** A call whose last bracket has not been read. */
type OpenCall = { -readonly [K in keyof CallSite]: CallSite[K] };

/**
 * One top-level piece of a C file: a function's definition, a type or an initialised object, a macro's use
 * (`BUILD_KVM_GPR_ACCESSORS(ax, RAX)`), or any other declaration.
 */
export interface OutlineItem extends Span {
  readonly kind: ItemKind;
  /** The function's, type's, object's or macro's name; empty for an unnamed one. */
  readonly name: string;
  readonly nameStart: number;
  /** Offset of the `{` of a function's body, a type's members or an initialiser; -1 without one. */
  readonly bodyStart: number;
  /** Offset of the first bracket in it that stands alone, or of what a missing `;` before it made part of it; null for none. */
  readonly unbalancedAt: number | null;
  /** Every identifier in it, with the offset where it stands first, counted from the item's `start`. */
  readonly words: ReadonlyMap<string, number>;
  readonly calls: readonly CallSite[];
}

/** Whether an item has one of these identifiers in it. */
export function holdsAny({ words: own }: Pick<OutlineItem, 'words'>, words: Iterable<string>): boolean {
  for (const word of words) if (own.has(word)) return true;
  return false;
}

/** The item that is being read. */
interface OpenItem {
  /** The tokens outside of braces: enough to tell what an item is. Those inside only leave words and calls. */
  readonly head: HeadToken[];
  readonly words: Map<string, number>;
  readonly calls: OpenCall[];
  /** For each parenthesis that is open, the innermost last, the call that it is of; null for another. */
  readonly openCalls: (OpenCall | null)[];
  /** How many braces and parentheses are open. */
  braces: number;
  parentheses: number;
  bodyStart: number;
  /** Index of the body's `{` among the head's tokens. */
  bodyAt: number;
  /** How many tokens the head had when its parentheses were last closed; -1 before that. */
  closedAt: number;
  end: number;
  unbalancedAt: number | null;
}

/**
 * Splits C text (comments and directives blanked) into its top-level items without parsing. A brace too many or too few
 * (an unfinished function, branches of an `#if`) costs that item only, and is noted in it: a `}` in column 0 ends whatever is open.
 */
export function outline(text: string): OutlineItem[] {
  return outlineBetween(text, 0, text.length).items;
}

/** The items between two offsets of a text, at the first of which one may begin. `isWhole`: the last of them ends before the second. */
export function outlineBetween(
  text: string,
  from: number,
  to: number,
): { readonly items: OutlineItem[]; readonly isWhole: boolean } {
  const items: OutlineItem[] = [];
  let item = emptyItem();
  const finish = () => {
    if (item.head.length > 0) items.push(finished(item));
    item = emptyItem();
  };
  const recent = recentTokens();
  forEachToken(text, from, to, (kind, start, end, gap) => {
    if (gap === 'line' && kind === 'word' && isMacroUseAlone(item)) finish();
    item.end = end;
    const token: HeadToken = { kind, start, text: text.slice(start, end) };
    if (item.braces === 0) item.head.push(token);
    if (kind === 'word') {
      if (!item.words.has(token.text)) item.words.set(token.text, start - startOf(item));
    } else if (kind === 'punctuator') {
      noteCall(item, token, recent);
      if (endsItem(item, token, text)) finish();
    }
    recent.push(token);
  });
  if (item.braces > 0 || item.parentheses > 0) item.unbalancedAt ??= startOf(item);
  const isWhole = item.head.length === 0;
  finish();
  return { items, isWhole };
}

function emptyItem(): OpenItem {
  const [head, calls, openCalls] = [[], [], []];
  const counts = { braces: 0, parentheses: 0, bodyStart: -1, bodyAt: 0, closedAt: -1, end: 0 };
  return { head, words: new Map(), calls, openCalls, ...counts, unbalancedAt: null };
}

function startOf({ head }: OpenItem): number {
  return head[0]?.start ?? 0;
}

/** Notes the call that a parenthesis begins or ends. */
function noteCall(item: OpenItem, { text, start }: HeadToken, recent: RecentTokens): void {
  if (text === '(') {
    const name = calledBefore(recent);
    const call = name && {
      name: name.text,
      holder: holderBefore(recent),
      offset: name.start - startOf(item),
      end: name.start + name.text.length - startOf(item),
    };
    if (call) item.calls.push(call);
    item.openCalls.push(call);
  } else if (text === ')') {
    const call = item.openCalls.pop();
    if (call) call.end = start + 1 - startOf(item);
  }
}

/** Whether the item so far is `NAME(...)`, which ends without a semicolon when a word follows on the next line. */
function isMacroUseAlone({ head, closedAt, braces, parentheses }: OpenItem): boolean {
  const isOutside = braces === 0 && parentheses === 0;
  return isOutside && head[0]?.kind === 'word' && head[1]?.text === '(' && closedAt === head.length;
}

/** Counts an item's brackets. Whether the item ends with this punctuator of the text. */
function endsItem(item: OpenItem, mark: HeadToken, text: string): boolean {
  switch (mark.text) {
    case '(':
      item.parentheses++;
      return false;
    case ')':
      if (item.parentheses === 0) item.unbalancedAt ??= mark.start;
      else if (--item.parentheses === 0) item.closedAt = item.head.length;
      return false;
    case '{':
      if (item.braces++ > 0 || item.parentheses > 0) return false;
      item.bodyStart = mark.start;
      item.bodyAt = item.head.length - 1;
      return false;
    case '}':
      return closeBrace(item, mark, text) || isFunctionsEnd(item);
    default:
      return mark.text === ';' && item.braces === 0 && item.parentheses === 0;
  }
}

/** Counts a `}`. One in column 0 closes all that is open. Whether it is one too many, which ends an item. */
function closeBrace(item: OpenItem, mark: HeadToken, text: string): boolean {
  const isStray = item.braces === 0;
  const isInColumnZero = mark.start === 0 || text[mark.start - 1] === '\n';
  const closesAll = isInColumnZero && !isInnerEnd(item, mark, text);
  if (isStray || (closesAll && (item.braces > 1 || item.parentheses > 0))) item.unbalancedAt ??= mark.start;
  if (closesAll) {
    item.parentheses = 0;
    item.openCalls.length = 0;
  }
  item.braces = closesAll ? 0 : Math.max(0, item.braces - 1);
  return isStray && item.parentheses === 0;
}

/** Whether a `}` ends a part of an initialiser, though it stands in column 0: `} }`, or `}, {`. */
function isInnerEnd({ braces, head, bodyAt }: OpenItem, { start }: HeadToken, text: string): boolean {
  return braces > 1 && head[bodyAt - 1]?.text === '=' && /^\} ?[,}]/.test(text.slice(start, start + 3));
}

function isFunctionsEnd({ head, bodyStart, bodyAt, braces, parentheses }: OpenItem): boolean {
  const isOutside = braces === 0 && parentheses === 0;
  return isOutside && bodyStart >= 0 && functionName(withoutAttributes(head.slice(0, bodyAt))) !== null;
}

/** The last few tokens. */
interface RecentTokens {
  readonly push: (token: HeadToken) => void;
  /** The last token is 1, the one before it 2, up to 4. */
  readonly back: (by: number) => HeadToken | undefined;
}

function recentTokens(): RecentTokens {
  const ring: HeadToken[] = [];
  let count = 0;
  return {
    push: (token) => void (ring[count++ & 3] = token),
    back: (by) => ring[(count - by) & 3],
  };
}

/** What is called where a `(` follows: `name`, or `cache_reg` of `kvm_x86_call(cache_reg)`, a macro around one name. */
function calledBefore({ back }: RecentTokens): HeadToken | null {
  const last = back(1);
  if (last?.kind === 'word') return last;
  if (last?.text !== ')') return null;
  const [name, open, macro] = [back(2), back(3), back(4)];
  const isNameInMacro = name?.kind === 'word' && open?.text === '(' && macro?.kind === 'word';
  return isNameInMacro ? name : null;
}

/** What a member that is called where a `(` follows is a member of; null where that is no name. */
function holderBefore({ back }: RecentTokens): string | null {
  const [operator, holder] = [back(2)?.text, back(3)];
  return (operator === '->' || operator === '.') && holder?.kind === 'word' ? holder.text : null;
}

function finished(item: OpenItem): OutlineItem {
  const { end, bodyStart, words, calls } = item;
  const { kind, name } = kindAndName(item);
  const start = startOf(item);
  const nameStart = name?.start ?? start;
  const unbalancedAt = item.unbalancedAt ?? unendedAt(item);
  return { start, end, kind, name: name?.text ?? '', nameStart, bodyStart, unbalancedAt, words, calls };
}

/** Where, behind a type's members, something begins that only a `;` before it would allow; null where nothing does. */
function unendedAt({ head }: OpenItem): number | null {
  const members = head.findIndex((token) => token.text === '{');
  if (members < 0 || head.slice(0, members).some((token) => token.text === '=')) return null;
  const behind = head.slice(members + 1);
  const next = behind.findIndex((token) => token.text === '{' || BEGINNINGS.has(token.text));
  const isInitialised = behind.slice(0, next).some((token) => token.text === '=');
  return next < 0 || isInitialised ? null : (behind[next]?.start ?? null);
}

/** Words that only stand before what is declared. */
const BEGINNINGS: ReadonlySet<string> = new Set(
  'static extern typedef inline struct union enum void bool char short int long signed unsigned'.split(' '),
);
