import { isAttribute } from './blanking.js';
import type { ConditionalBranch } from '../preprocessor/conditionals.js';
import type { Directives } from '../preprocessor/directives.js';
import type { Span } from '../text/sourceText.js';
import { forEachToken, type TokenKind } from '../text/tokens.js';

/** A use of a name as `name(`, or as `macro(name)(`. */
export interface CallSite {
  readonly name: string;
  readonly offset: number;
}

/**
 * One top-level piece of a C file: a function's definition, a type or an initialised object, a macro's use
 * (`BUILD_KVM_GPR_ACCESSORS(ax, RAX)`), or any other declaration.
 */
export interface OutlineItem extends Span {
  readonly kind: 'function' | 'macro-use' | 'enum' | 'struct' | 'object' | 'declaration';
  /** The function's, type's, object's or macro's name; empty for an unnamed one. */
  readonly name: string;
  readonly nameStart: number;
  /** Offset of the `{` of a function's body, a type's members or an initialiser; -1 without one. */
  readonly bodyStart: number;
  /** Every identifier in it, with the offset where it stands first. */
  readonly words: ReadonlyMap<string, number>;
  readonly calls: readonly CallSite[];
}

/** Whether an item has one of these identifiers in it. */
export function holdsAny(item: OutlineItem, words: Iterable<string>): boolean {
  for (const word of words) if (item.words.has(word)) return true;
  return false;
}

interface Brief {
  readonly kind: TokenKind;
  readonly start: number;
  readonly text: string;
}

const TYPE_WORDS = new Set(['enum', 'struct', 'union']);

/**
 * Splits C text (comments and directives blanked) into its top-level items without parsing. A brace too many or too few
 * (an unfinished function, branches of an `#if`) costs that item only: a `}` in column 0 ends whatever is open.
 */
export function outline(text: string): OutlineItem[] {
  const items: OutlineItem[] = [];
  // The tokens outside of braces: enough to tell what an item is. Those inside only leave words and calls.
  let head: Brief[] = [];
  let words = new Map<string, number>();
  let calls: CallSite[] = [];
  let braces = 0;
  let brackets = 0;
  let bodyStart = -1;
  let bodyAt = 0;
  let closedAt = -1;
  let itemEnd = 0;
  let last = { isWord: false, start: 0, end: 0 };

  const finish = () => {
    if (head.length > 0) items.push(itemOf(head, { bodyStart, bodyAt, end: itemEnd, words, calls }));
    head = [];
    words = new Map();
    calls = [];
    braces = brackets = 0;
    bodyStart = closedAt = -1;
  };

  forEachToken(text, 0, text.length, (kind, start, end, _spaced, lineStart) => {
    if (braces === 0 && brackets === 0 && lineStart && endsAlone(head, kind, closedAt)) finish();
    itemEnd = end;
    const isWord = kind === 'word';
    const name = isWord ? text.slice(start, end) : '';
    if (braces === 0) head.push({ kind, start, text: isWord ? name : text.slice(start, end) });
    const before = last;
    last = { isWord, start, end };
    if (isWord) {
      if (!words.has(name)) words.set(name, start);
      return;
    }
    if (kind !== 'punctuator') return;
    switch (end - start === 1 ? text.charAt(start) : '') {
      case '(':
        brackets++;
        if (before.isWord) calls.push({ name: text.slice(before.start, before.end), offset: before.start });
        else if (text[before.start] === ')') calls.push(...calledByName(text, before.end));
        return;
      case ')':
        if (brackets > 0 && --brackets === 0) closedAt = head.length - 1;
        return;
      case '{':
        if (braces++ === 0 && brackets === 0) {
          bodyStart = start;
          bodyAt = head.length - 1;
        }
        return;
      case '}': {
        const isColumnZero = start === 0 || text.charCodeAt(start - 1) === 10;
        braces = isColumnZero ? 0 : Math.max(0, braces - 1);
        if (isColumnZero) brackets = 0;
        if (braces === 0 && brackets === 0 && bodyStart >= 0 && functionName(head.slice(0, bodyAt)) !== null) finish();
        return;
      }
      case ';':
        if (braces === 0 && brackets === 0) finish();
    }
  });
  finish();
  return items;
}

/** `kvm_x86_call(cache_reg)(`: a macro around one name is called, and so that name is. `end` is behind the macro's `)`. */
function calledByName(text: string, end: number): CallSite[] {
  const from = Math.max(0, end - LONGEST_CALLED_NAME);
  const found = /\w\s*\(\s*([A-Za-z_]\w*)\s*\)$/.exec(text.slice(from, end));
  if (found?.[1] === undefined) return [];
  return [{ name: found[1], offset: from + found.index + found[0].indexOf(found[1], 1) }];
}

/** Characters of a macro around a name; no kernel name comes near. */
const LONGEST_CALLED_NAME = 160;

/** Whether `NAME(...)` on lines of its own, without a semicolon, ends before `next`. */
function endsAlone(tokens: readonly Brief[], next: TokenKind, closedAt: number): boolean {
  return tokens[0]?.kind === 'word' && tokens[1]?.text === '(' && closedAt === tokens.length - 1 && next === 'word';
}

function functionName(head: readonly Brief[]): Brief | null {
  if (head.some((token) => token.text === '=')) return null;
  if (
    head.at(-1)?.text !== ')' &&
    !head.slice(head.findLastIndex((t) => t.text === ')') + 1).every((t) => t.kind === 'word')
  )
    return null;
  const names: Brief[] = [];
  let depth = 0;
  head.forEach((token, i) => {
    const before = head[i - 1];
    if (token.text === '(') {
      if (depth++ === 0 && before?.kind === 'word') names.push(before);
    } else if (token.text === ')') depth--;
  });
  // Attributes with arguments may stand on either side; they begin with `__` more often than functions do.
  return names.findLast((name) => !name.text.startsWith('__')) ?? names[0] ?? null;
}

interface ItemBody {
  readonly bodyStart: number;
  /** Index of the `{` among the head's tokens. */
  readonly bodyAt: number;
  readonly end: number;
  readonly words: ReadonlyMap<string, number>;
  readonly calls: readonly CallSite[];
}

function itemOf(tokens: readonly Brief[], body: ItemBody): OutlineItem {
  const { bodyStart, words, calls, end } = body;
  const first = tokens[0];
  const start = first?.start ?? 0;
  const make = (kind: OutlineItem['kind'], name: Brief | null | undefined): OutlineItem => ({
    start,
    end,
    kind,
    name: name?.text ?? '',
    nameStart: name?.start ?? start,
    bodyStart,
    words,
    calls,
  });
  const isDefinition = bodyStart >= 0;
  const head = isDefinition ? tokens.slice(0, body.bodyAt) : tokens;
  const equals = head.findIndex((token) => token.text === '=');
  if (equals > 0) return make('object', objectName(head.slice(0, equals)));
  const name = isDefinition ? functionName(head) : null;
  if (name) return make('function', name);
  const type = head.find((token) => TYPE_WORDS.has(token.text));
  if (isDefinition && type) {
    const named = head[head.indexOf(type) + 1];
    return make(type.text === 'enum' ? 'enum' : 'struct', named?.kind === 'word' ? named : null);
  }
  const isUse = first?.kind === 'word' && tokens[1]?.text === '(';
  return make(isUse ? 'macro-use' : 'declaration', isUse ? first : tokens.findLast((token) => token.kind === 'word'));
}

/** The name that is declared before an initialiser; of an array of function pointers, `(*const handlers[])(...)`, that inside. */
function objectName(head: readonly Brief[]): Brief | undefined {
  const pointer = head.findIndex((token, i) => token.text === '(' && head[i + 1]?.text === '*');
  if (pointer >= 0) return head.slice(pointer).find((token) => token.kind === 'word' && token.text !== 'const');
  return head.findLast((token) => token.kind === 'word' && !isAttribute(token.text) && !isSubscripted(head, token));
}

/** `table` in `table[SIZE]` is the object; `SIZE` is not. */
function isSubscripted(head: readonly Brief[], token: Brief): boolean {
  const at = head.indexOf(token);
  return (
    head.slice(0, at).filter((t) => t.text === '[').length > head.slice(0, at).filter((t) => t.text === ']').length
  );
}

/** Ways through a span's `#if`s at the most; no kernel function comes near. */
const MOST_VARIANTS = 256;

/** The variants of a span that a branch is read in: from `first` on, up to `end`. */
interface VariantRange {
  readonly first: number;
  readonly end: number;
}

/**
 * The variants in which a span must be read so that every branch of its `#if`s is read at least once, with all branches
 * around it: for each, the branches to blank. Most spans have one variant, with nothing to blank. A branch needs as many
 * variants as the `#if` in it with the most; an `#if`, the sum of its branches'.
 */
export function branchVariants(directives: Directives, span: Span): Span[][] {
  const inside = directives.conditionals.filter((c) => c.start >= span.start && c.end <= span.end);
  const needs = new Map<ConditionalBranch | null, number>();
  const need = (branch: ConditionalBranch) => needs.get(branch) ?? 1;
  const own = new Set<ConditionalBranch | null>(inside.flatMap((c) => c.branches));
  for (const { branches, outer } of inside.toReversed()) {
    const sum = branches.reduce((total, branch) => total + need(branch), 0);
    const around = own.has(outer) ? outer : null;
    needs.set(around, Math.max(needs.get(around) ?? 1, sum));
  }
  const all: VariantRange = { first: 0, end: Math.min(needs.get(null) ?? 1, MOST_VARIANTS) };
  const ranges = new Map<ConditionalBranch, VariantRange>();
  for (const { branches, outer } of inside) {
    const around = (outer && ranges.get(outer)) ?? all;
    let { first } = around;
    for (const branch of branches) {
      // Where others need more variants, the last branch stays.
      const end = branch === branches.at(-1) ? around.end : first + need(branch);
      ranges.set(branch, { first, end });
      first = end;
    }
  }
  const isRead = ({ first, end }: VariantRange, variant: number) => first <= variant && variant < end;
  return Array.from({ length: all.end }, (_, variant) =>
    [...ranges].flatMap(([branch, range]) => (isRead(range, variant) ? [] : [branch])),
  );
}
