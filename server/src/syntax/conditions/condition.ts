import { memoizeByIdentity } from '../../cache/memoize.js';
import { tokenize, type Token } from '../text/tokens.js';

/** What code tests, of C, of the preprocessor or of the assembler, as a tree. Plain data. */
export type Condition = Junction | Negation | Atom;

/** `a && b`, `a || b`. */
interface Junction {
  readonly kind: 'and' | 'or';
  readonly text: string;
  readonly parts: readonly Condition[];
}

/** `!a`. */
interface Negation {
  readonly kind: 'not';
  readonly text: string;
  readonly part: Condition;
}

/** A test that is not made of others. `text` is as written, white space collapsed; `words` are the identifiers in it. */
export type Atom =
  /** `function(a, b)`; of the preprocessor `defined(X)`, `IS_ENABLED(X)`. Arguments as written. */
  | (AtomText & { readonly kind: 'call'; readonly callee: string; readonly arguments: readonly string[] })
  /** `value & mask` */
  | (AtomText & { readonly kind: 'bits'; readonly value: string; readonly mask: string })
  /** `left == right` */
  | (AtomText & {
      readonly kind: 'comparison';
      readonly left: string;
      readonly operator: string;
      readonly right: string;
    })
  /** A variable, a member, a macro: `load_guest`, `vmx->nested.smm.guest_mode`. */
  | (AtomText & { readonly kind: 'value' })
  | (AtomText & { readonly kind: 'number'; readonly value: number })
  | (AtomText & { readonly kind: 'other' });

interface AtomText {
  readonly text: string;
  readonly words: readonly string[];
}

/** Brackets and negations in one another; no kernel's conditions go near, and what is deeper is one atom. */
const DEEPEST = 50;

/** Reads a condition from its text. Never throws: what is no condition that is known is an atom of kind `other`. */
export function readCondition(text: string): Condition {
  // Most conditions are no more than a value or its negation, which take no tokens to see.
  if (VALUE.test(text)) return value(text);
  const negated = NEGATED_VALUE.exec(text)?.[1];
  return negated === undefined
    ? readPart({ text, tokens: tokenize(text) }, 0)
    : { kind: 'not', text, part: value(negated) };
}

const VALUE = /^[A-Za-z_]\w*(?:(?:\.|->)[A-Za-z_]\w*)*$/;
const NEGATED_VALUE = new RegExp(`^!(${VALUE.source.slice(1, -1)})$`);

function value(text: string): Atom {
  return { kind: 'value', text, words: text.split(/\.|->/) };
}

/** A piece of a condition: its text, and its tokens with offsets into the whole. */
interface Piece {
  readonly text: string;
  readonly tokens: readonly Token[];
}

function readPart(piece: Piece, depth: number): Condition {
  const { text } = piece;
  const { tokens } = withoutBrackets(piece);
  if (depth >= DEEPEST || tokens.length === 0) return other(piece);
  const read = (from: number, to: number) =>
    readPart(withoutBrackets(pieceOf(piece, tokens.slice(from, to))), depth + 1);
  const operators = topLevelOperators(tokens);
  if (operators.some(({ token }) => NO_CONDITION.has(token.text))) return other(piece);
  for (const [operator, kind] of JUNCTIONS) {
    const at = operators.filter(({ token }) => token.text === operator).map(({ index }) => index);
    if (at.length === 0) continue;
    const parts = [-1, ...at].map((before, i) => read(before + 1, at[i] ?? tokens.length));
    return { kind, text, parts };
  }
  if (tokens[0]?.text === '!' && operators.length === 0) return { kind: 'not', text, part: read(1, tokens.length) };
  const inner = hinted(tokens);
  if (inner) return { ...readPart(pieceOf(piece, inner), depth + 1), text };
  return { ...readAtom(pieceOf(piece, tokens), operators), text };
}

const JUNCTIONS = [
  ['||', 'or'],
  ['&&', 'and'],
] as const;

/** `?:`, a comma, an assignment: the whole is a value that is tested. */
const NO_CONDITION: ReadonlySet<string> = new Set(['?', ',', '=', '|=', '&=', '+=', '-=']);

/** What stands between `likely()` or `unlikely()` (linux/compiler.h), which say nothing of the condition; null for all else. */
function hinted(tokens: readonly Token[]): readonly Token[] | null {
  const isHint = /^(?:un)?likely$/.test(tokens[0]?.text ?? '') && isWholeCall(tokens);
  return isHint ? tokens.slice(2, -1) : null;
}

function readAtom(piece: Piece, operators: readonly Operator[]): Atom {
  const { text, tokens } = piece;
  const words = wordsOf(tokens);
  const [first] = tokens;
  if (tokens.length === 1 && first?.kind === 'number') return { kind: 'number', text, words, value: numberOf(first) };
  return readCall(piece, words) ?? readOperation(piece, operators, words) ?? { kind: plainKind(piece), text, words };
}

function readCall(piece: Piece, words: readonly string[]): Atom | null {
  const { text, tokens } = piece;
  const [first, second] = tokens;
  if (first?.text === 'defined' && second?.kind === 'word' && tokens.length === 2)
    return { kind: 'call', text, words, callee: first.text, arguments: [second.text] };
  if (!isWholeCall(tokens)) return null;
  const given = argumentsIn(tokens).map((argument) => withoutBrackets(pieceOf(piece, argument)).text);
  return { kind: 'call', text, words, callee: first?.text ?? '', arguments: given };
}

/** A comparison, or a test of bits. */
function readOperation(piece: Piece, operators: readonly Operator[], words: readonly string[]): Atom | null {
  const { text, tokens } = piece;
  const side = (from: number, to: number) => withoutBrackets(pieceOf(piece, tokens.slice(from, to))).text;
  const sidesOf = ({ index }: Operator) => [side(0, index), side(index + 1, tokens.length)] as const;
  const compared = operators.find(({ token }) => COMPARISON.test(token.text));
  if (compared) {
    const [left, right] = sidesOf(compared);
    return { kind: 'comparison', text, words, left, operator: compared.token.text, right };
  }
  const masked = operators.findLast(({ token }) => token.text === '&');
  if (!masked || operators.some(({ token }) => token.text !== '&')) return null;
  const [value, mask] = sidesOf(masked);
  return { kind: 'bits', text, words, value, mask };
}

/** A variable or a member of one is a value; everything else is not looked into. */
function plainKind({ tokens }: Piece): 'value' | 'other' {
  return tokens.every(({ kind, text }) => kind === 'word' || /^(?:\.|->)$/.test(text)) ? 'value' : 'other';
}

const COMPARISON = /^(?:[=!]=|[<>]=?)$/;

function other({ text, tokens }: Piece): Atom {
  return { kind: 'other', text, words: wordsOf(tokens) };
}

function wordsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => (token.kind === 'word' ? [token.text] : []));
}

function numberOf({ text }: Token): number {
  return Number(/^.*[^uUlL]/.exec(text)?.[0]);
}

/** A piece of a piece: the text from its first token to its last. */
function pieceOf(whole: Piece, tokens: readonly Token[]): Piece {
  const [first, last] = [tokens[0], tokens.at(-1)];
  const base = whole.tokens[0]?.start ?? 0;
  return { text: first && last ? whole.text.slice(first.start - base, last.end - base) : '', tokens };
}

function withoutBrackets(piece: Piece): Piece {
  let { tokens } = piece;
  while (tokens[0]?.text === '(' && closing(tokens, 0) === tokens.length - 1) tokens = tokens.slice(1, -1);
  return tokens === piece.tokens ? piece : pieceOf(piece, tokens);
}

/** `name(...)` from the first token to the last. */
function isWholeCall(tokens: readonly Token[]): boolean {
  return tokens[0]?.kind === 'word' && tokens[1]?.text === '(' && closing(tokens, 1) === tokens.length - 1;
}

function argumentsIn(call: readonly Token[]): (readonly Token[])[] {
  const inside = call.slice(2, -1);
  if (inside.length === 0) return [];
  const commas = topLevelOperators(inside).flatMap(({ token, index }) => (token.text === ',' ? [index] : []));
  return [-1, ...commas].map((before, i) => inside.slice(before + 1, commas[i] ?? inside.length));
}

/** The index of the bracket that closes the one at `open`; -1 when it stays open. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const text = tokens[i]?.text ?? '';
    if (text === '(' || text === '[') depth++;
    else if ((text === ')' || text === ']') && --depth === 0) return i;
  }
  return -1;
}

interface Operator {
  readonly token: Token;
  readonly index: number;
}

/** The binary operators, commas and `?` outside of brackets. */
function topLevelOperators(tokens: readonly Token[]): Operator[] {
  const found: Operator[] = [];
  let depth = 0;
  tokens.forEach((token, index) => {
    if (token.text === '(' || token.text === '[') depth++;
    else if (token.text === ')' || token.text === ']') depth--;
    else if (depth === 0 && isBinary(token, tokens[index - 1])) found.push({ token, index });
  });
  return found;
}

function isBinary({ kind, text }: Token, before: Token | undefined): boolean {
  if (kind !== 'punctuator' || text === '.' || text === '->' || text === '!' || text === '~') return false;
  return before !== undefined && (before.kind !== 'punctuator' || before.text === ')' || before.text === ']');
}

/** The identifiers in a condition. */
export const wordsIn = memoizeByIdentity((condition: Condition): readonly string[] => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap((part) => wordsIn(part));
    case 'not':
      return wordsIn(condition.part);
    default:
      return condition.words;
  }
});

/** The opposite of a condition: `a` of `!a`, else `!(a)`. */
export function negation(condition: Condition): Condition {
  return condition.kind === 'not' ? condition.part : { kind: 'not', text: `!(${condition.text})`, part: condition };
}

/** All of several conditions at once. */
export function conjunction(conditions: readonly Condition[]): Condition {
  const [only, another] = conditions;
  if (only && !another) return only;
  return { kind: 'and', text: conditions.map(conjunctText).join(' && '), parts: conditions };
}

/** The text of a condition as one of several between `&&`: in parentheses where that would part it. */
export function conjunctText({ kind, text }: Condition): string {
  return kind === 'or' || (kind === 'other' && bindsLooser(text)) ? `(${text})` : text;
}

/** Whether a text has an operator of {@link NO_CONDITION} outside of brackets. */
function bindsLooser(text: string): boolean {
  return topLevelOperators(tokenize(text)).some(({ token }) => NO_CONDITION.has(token.text));
}

/** A text that is the same for conditions that differ in brackets and double negations alone. */
export function conditionKey(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.parts.map(conditionKey).join(condition.kind === 'and' ? ' && ' : ' || ')})`;
    case 'not':
      return condition.part.kind === 'not' ? conditionKey(condition.part.part) : `!${conditionKey(condition.part)}`;
    default:
      return withoutOuterBrackets(condition.text);
  }
}

function withoutOuterBrackets(text: string): string {
  return text.startsWith('(') ? withoutBrackets({ text, tokens: tokenize(text) }).text : text;
}

/** Whether a condition holds, given what is known of its atoms; null when that is not known. */
export function conditionTruth(condition: Condition, known: (atom: Atom) => boolean | null): boolean | null {
  switch (condition.kind) {
    case 'not': {
      const truth = conditionTruth(condition.part, known);
      return truth === null ? null : !truth;
    }
    case 'and':
    case 'or': {
      const decisive = condition.kind === 'or';
      const truths = condition.parts.map((part) => conditionTruth(part, known));
      if (truths.includes(decisive)) return decisive;
      return truths.includes(null) ? null : !decisive;
    }
    case 'number':
      return condition.value !== 0;
    default:
      return known(condition);
  }
}
