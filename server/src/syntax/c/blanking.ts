import type { Span } from '../text/sourceText.js';
import { tokenize, type Token } from '../text/tokens.js';
import type { Directives } from '../preprocessor/directives.js';

/**
 * What kernel C has that tree-sitter-c cannot read. Each is overwritten with spaces (or with a keyword padded with
 * spaces), so that every offset stays true.
 */
const ATTRIBUTE_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'section placement (linux/init.h, linux/cache.h, linux/compiler_types.h)':
      '__init __exit __initdata __initconst __exitdata __ref __refdata __meminit __cpuidle __ro_after_init __read_mostly noinstr notrace __noendbr __entry_text __cold __lockfunc',
    'inlining and linkage (linux/compiler_types.h, linux/linkage.h)':
      '__always_inline noinline __noinline noinline_for_stack __flatten __noclone asmlinkage __visible __weak __used __maybe_unused __always_unused __noreturn __must_check __pure __attribute_const__ __malloc __packed __bpf_kfunc',
    'sanitizers (linux/compiler_types.h)':
      '__no_kcsan __no_kasan_or_inline __no_sanitize_address __no_sanitize_undefined __no_sanitize_memory __no_kcsan_or_inline __no_stack_protector __nocfi __no_randomize_layout __randomize_layout __latent_entropy',
    'address spaces and sparse (linux/compiler_types.h)':
      '__user __kernel __iomem __percpu __rcu __force __bitwise __private __nonstring',
  }).flatMap(([reason, words]) => words.split(' ').map((word) => [word, reason] as const)),
);

/** As above, with arguments in parentheses that go too. */
const ATTRIBUTE_CALLS: ReadonlySet<string> = new Set(
  (
    '__attribute__ __printf __scanf __aligned __section __acquires __releases __must_hold __acquire_shared __counted_by __free ' +
    '__alloc_size __assume_aligned __designated_init __no_sanitize __diagnose_as __cacheline_group_begin __nonnull'
  ).split(' '),
);

/** Whether a word says something of a function or object and is no name of it: `__initdata`. */
export function isAttribute(word: string): boolean {
  return ATTRIBUTE_WORDS.has(word);
}

const CONTROL_WORDS = new Set([
  'if',
  'while',
  'for',
  'switch',
  'return',
  'sizeof',
  'typeof',
  '__typeof__',
  'asm',
  '__asm__',
  'defined',
  'case',
  'volatile',
  '__volatile__',
  'inline',
  'goto',
]);

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

/** Rewrites kernel C without comments and directives so that tree-sitter-c can read it. Same length; offsets stay true. */
export function readableC(text: string): string {
  const tokens = tokenize(text);
  const edits = tokens.flatMap((token, i) => (token.kind === 'word' ? (editAt(text, tokens, i) ?? []) : []));
  return applyEdits(text, edits);
}

/** What has to change at a word, or null. */
function editAt(text: string, tokens: readonly Token[], at: number): Edit | null {
  const token = tokens[at];
  if (!token) return null;
  const { start, end } = token;
  if (ATTRIBUTE_WORDS.has(token.text) || isTypeArgument(tokens, at)) return { start, end, by: '' };
  if (token.text === 'case') return caseRange(tokens, at);
  const asm = asmSpan(tokens, at);
  if (asm) return { ...asm, by: '0' };
  if (tokens[at + 1]?.text !== '(') return null;
  if (token.text === 'offsetof') return { start, end, by: UNSPECIAL_OFFSETOF };
  const close = closingIndex(tokens, at + 1);
  const closing = tokens[close];
  if (!closing) return null;
  if (ATTRIBUTE_CALLS.has(token.text)) return { start, end: closing.end, by: '' };
  return isLoopMacro(tokens, at, close, text) ? { start, end, by: LOOP_KEYWORD } : null;
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

/** `struct x` alone as an argument of a macro, as in `container_of(vcpu, struct vcpu_vmx, vcpu)`: the keyword goes. */
function isTypeArgument(tokens: readonly Token[], at: number): boolean {
  const word = tokens[at]?.text;
  if (word !== 'struct' && word !== 'union' && word !== 'enum') return false;
  const before = tokens[at - 1]?.text;
  const behind = tokens[at + 2]?.text;
  return (before === ',' || before === '(') && tokens[at + 1]?.kind === 'word' && (behind === ',' || behind === ')');
}

/**
 * A macro that stands as a loop's or block's head, `kvm_for_each_vcpu(i, vcpu, kvm) {`, becomes `while (i, vcpu, kvm) {`:
 * a comma expression, which is C.
 */
function isLoopMacro(tokens: readonly Token[], at: number, close: number, text: string): boolean {
  const name = tokens[at];
  const before = tokens[at - 1];
  const behind = tokens[close + 1];
  const closing = tokens[close];
  if (!name || !before || !behind || !closing || CONTROL_WORDS.has(name.text) || name.text.length < LOOP_KEYWORD.length)
    return false;
  const startsStatement =
    before.text === ';' ||
    before.text === '{' ||
    before.text === '}' ||
    before.text === ':' ||
    before.text === 'else' ||
    before.text === ')';
  if (!startsStatement) return false;
  if (behind.text === '{') return before.text !== ')' || text.slice(before.end, name.start).includes('\n');
  return before.text !== ')' && behind.kind === 'word' && text.slice(closing.end, behind.start).includes('\n');
}

const ASM_WORD = /^(?:__)?asm(?:__)?$/;
const ASM_QUALIFIER = /^(?:__)?(?:volatile|inline|goto)(?:__)?$/;

/** The inline assembly of a C text: `asm(...)` statements and macros around them. The assembler's reader reads those. */
export function asmSpans(text: string): Span[] {
  const tokens = tokenize(text);
  return tokens.flatMap((token, i) => (token.kind === 'word' ? (asmSpan(tokens, i) ?? []) : []));
}

/** The span of the inline assembly that begins at a word, or null. For the C parser it is a constant. */
function asmSpan(tokens: readonly Token[], at: number): Span | null {
  const word = tokens[at];
  if (!word) return null;
  let open = at + 1;
  if (ASM_WORD.test(word.text)) while (ASM_QUALIFIER.test(tokens[open]?.text ?? '')) open++;
  if (tokens[open]?.text !== '(') return null;
  const close = closingIndex(tokens, open);
  const closing = tokens[close];
  return closing && (ASM_WORD.test(word.text) || isAsmMacro(tokens, at, close))
    ? { start: word.start, end: closing.end }
    : null;
}

/** Whether a macro stands around inline assembly: `asm_goto_output("..." : outputs : inputs)`. */
function isAsmMacro(tokens: readonly Token[], at: number, close: number): boolean {
  const name = tokens[at]?.text ?? '';
  if (name.length < 3 || CONTROL_WORDS.has(name) || tokens[at + 2]?.kind !== 'string') return false;
  let depth = 0;
  for (let i = at + 1; i < close; i++) {
    const text = tokens[i]?.text;
    if (text === '(' || text === '[') depth++;
    else if (text === ')' || text === ']') depth--;
    else if (depth === 1 && text === '?') return false;
    else if (depth === 1 && (text === ':' || text === '::')) return true;
  }
  return false;
}

/** The index of the bracket that closes the one at `open`, or -1. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const text = tokens[i]?.text;
    if (text === '(' || text === '[' || text === '{') depth++;
    else if ((text === ')' || text === ']' || text === '}') && --depth === 0) return i;
  }
  return -1;
}
