import type { Directives } from '../preprocessor/directives.js';
import { closingIndexes } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import { tokenize, type Token } from '../text/tokens.js';
import { asmSpanAt } from './asmSpans.js';
import { isAttribute, isAttributeCall, isKeyword } from './reservedWords.js';

/** A loop macro's name must hold the keyword that replaces it. */
const LOOP_KEYWORD = 'while';

/** tree-sitter-c knows `offsetof` as a keyword whose member is a plain name; as a call, any member can be read. */
const UNSPECIAL_OFFSETOF = 'OFFSETOF';

/** Blanks comments and directive lines, so that only C is left. Same length as `text`. */
export function withoutCommentsAndDirectives(text: string, directives: Directives): string {
  return withBlanks(text, directives.markup, 0, text.length);
}

/** The text between two offsets with spaces over the spans in it, which are in order and may hold one another. */
export function withBlanks(text: string, spans: readonly Span[], start: number, end: number): string {
  const parts: string[] = [];
  let at = start;
  for (const span of spans) {
    if (span.end <= at || span.start >= end) continue;
    const from = Math.max(at, span.start);
    const to = Math.min(end, span.end);
    parts.push(text.slice(at, from), blanks(text.slice(from, to)));
    at = to;
  }
  if (at === start) return text.slice(start, end);
  parts.push(text.slice(at, end));
  return parts.join('');
}

function blanks(text: string): string {
  if (!text.includes('\n')) return ' '.repeat(text.length);
  const lines = text.split('\n').map((line) => ' '.repeat(line.length));
  return lines.join('\n');
}

/** A piece of text and what stands in its place; the rest of it becomes spaces. */
interface Edit extends Span {
  readonly by: string;
}

/**
 * Rewrites kernel C, whose comments and directives are blank already, so that tree-sitter-c can read it. What that grammar
 * does not know is overwritten with spaces, or with a word padded with spaces. Same length; offsets stay true.
 */
export function readableC(text: string): string {
  const tokens = tokenize(text);
  const code: BracketedCode = { text, tokens, closings: closingIndexes(tokens) };
  return applyEdits(
    text,
    tokens.flatMap((token, i) => {
      if (token.kind === 'number') return C_NUMBER.test(token.text) ? [] : [{ ...spanOf(token), by: '0' }];
      return token.kind === 'word' ? (editAt(code, token, i) ?? []) : [];
    }),
  );
}

/** Numbers of C. The preprocessor takes more for one: `3DNOWEXT`, which a macro glues to a name. */
const C_NUMBER =
  /^(?:0x[\da-f']+|0b[01']+|[\d']+)(?:[ulz]*|(?:\.[\d']*)?(?:e[+-]?\d+)?[fl]?)$|^\.\d+(?:e[+-]?\d+)?[fl]?$/i;

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

interface BracketedCode {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** For each opening bracket's index, that of the one that closes it. */
  readonly closings: Int32Array;
}

/** What has to change at a word, or null. */
function editAt(code: BracketedCode, { text: word, start, end }: Token, at: number): Edit | null {
  const { tokens, closings } = code;
  if (isAttribute(word)) return { start, end, by: '' };
  const type = typeArgument(tokens, at);
  if (type) return type;
  if (word === 'case') return caseRange(tokens, at);
  const asm = asmSpanAt(tokens, closings, at);
  if (asm) return { ...asm, by: isOfDeclarator(tokens[at - 1]) ? '' : '0' };
  if (tokens[at + 1]?.text !== '(') return null;
  if (word === 'offsetof') return { start, end, by: UNSPECIAL_OFFSETOF };
  const closing = tokens[closings[at + 1] ?? -1];
  if (closing && isAttributeCall(word)) return { start, end: closing.end, by: '' };
  return isLoopMacro(code, at) ? { start, end, by: LOOP_KEYWORD } : null;
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits) {
    if (edit.start < at) continue;
    const old = text.slice(edit.start, edit.end);
    result += text.slice(at, edit.start) + edit.by + blanks(old).slice(edit.by.length);
    at = edit.end;
  }
  return result + text.slice(at);
}

/** Words that a statement may follow. */
const BEFORE_ASM: ReadonlySet<string> = new Set(['else', 'do', 'return']);

/** Whether `asm` behind a token says which register a variable is in: `register void *stack asm("rsp");`. */
function isOfDeclarator(before: Token | undefined): boolean {
  return before?.text === ']' || (before?.kind === 'word' && !BEFORE_ASM.has(before.text));
}

/** Tokens between `case` and `:` at the most. */
const LONGEST_LABEL = 40;

/** GNU's `case 0 ... 3:`: the end of the range goes. */
function caseRange(tokens: readonly Token[], at: number): Edit | null {
  let dots: Token | null = null;
  for (let i = at + 1; i < at + LONGEST_LABEL; i++) {
    const token = tokens[i];
    if (!token || token.text === ':' || token.text === ';') return null;
    if (token.text === '...') dots = token;
    if (dots && tokens[i + 1]?.text === ':') return { start: dots.start, end: token.end, by: '' };
  }
  return null;
}

/** Words that a type is written with and that are no name: what tree-sitter-c reads in a declaration or a cast only. */
const TYPE_WORDS: ReadonlySet<string> = new Set(
  'const volatile signed unsigned char short int long float double void _Bool'.split(' '),
);

const TAGS: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);

/** A name to stand for a type. */
const TYPE_NAME = 'T';

/**
 * A type alone as an argument of a macro, `container_of(vcpu, struct vcpu_vmx, vcpu)`, `TRACE(x, unsigned long, rip)`: a name
 * takes its place, the struct's own where it has one. A type alone between parentheses is a cast's or an operator's, which is C;
 * so is one without a keyword.
 */
function typeArgument(tokens: readonly Token[], at: number): Edit | null {
  const before = tokens[at - 1]?.text;
  if (before !== ',' && before !== '(') return null;
  const end = typeEnd(tokens, at);
  const [first, last, behind] = [tokens[at], tokens[end - 1], tokens[end]?.text];
  const isWhole = behind === ',' || (behind === ')' && (before === ',' || isStructArgument(tokens, at, end)));
  if (!first || !last || end === at || !isWhole) return null;
  const tag = tokens.slice(at, end).find((_, i) => i > 0 && isTagged(tokens[at + i - 1]));
  return { start: first.start, end: last.end, by: tag ? ' '.repeat(tag.start - first.start) + tag.text : TYPE_NAME };
}

/** The index behind a type that is written with a keyword and begins at an index, which is that index where none does. */
function typeEnd(tokens: readonly Token[], at: number): number {
  let end = at;
  while (TYPE_WORDS.has(tokens[end]?.text ?? '')) end++;
  if (isTagged(tokens[end]) && tokens[end + 1]?.kind === 'word') end += 2;
  if (end > at) while (tokens[end]?.text === '*') end++;
  return end;
}

function isTagged(token: Token | undefined): boolean {
  return token !== undefined && TAGS.has(token.text);
}

/** `struct x` alone between parentheses; `(struct x){ ... }` makes one. */
function isStructArgument(tokens: readonly Token[], at: number, end: number): boolean {
  return isTagged(tokens[at]) && end === at + 2 && tokens[end + 1]?.text !== '{';
}

/** What a statement can begin behind. */
const BEFORE_STATEMENT: ReadonlySet<string> = new Set([';', '{', '}', ':', 'else', ')']);

/**
 * A macro that stands as a loop's or block's head, `kvm_for_each_vcpu(i, vcpu, kvm) {`, becomes `while (i, vcpu, kvm) {`:
 * a comma expression, which is C.
 */
function isLoopMacro({ text, tokens, closings }: BracketedCode, at: number): boolean {
  const close = closings[at + 1] ?? -1;
  const [before, name, closing, behind] = [tokens[at - 1], tokens[at], tokens[close], tokens[close + 1]];
  if (!before || !name || !closing || !behind) return false;
  if (isKeyword(name.text) || name.text.length < LOOP_KEYWORD.length || !BEFORE_STATEMENT.has(before.text))
    return false;
  const isBehindBracket = before.text === ')';
  if (behind.text === '{') return !isBehindBracket || text.slice(before.end, name.start).includes('\n');
  // A statement that lost its semicolon looks alike, but for what follows being no deeper.
  return !isBehindBracket && behind.kind === 'word' && isDeeperLine(text, name.start, behind.start);
}

/** Whether the line of a later offset is indented more than that of an earlier one. */
function isDeeperLine(text: string, before: number, behind: number): boolean {
  const [outer, inner] = [indentAt(text, before), indentAt(text, behind)];
  return inner.length > outer.length && inner.startsWith(outer);
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
