import { expand, type MacroLookup } from '../preprocessor/macroExpansion.js';
import { behindParenthesis, splitAt } from '../text/brackets.js';
import { tokenize, type Token } from '../text/tokens.js';
import { immediateApart } from './asmToken.js';

/** A piece of the template's text and where its characters stand in the C file. */
interface Piece {
  readonly text: string;
  readonly start: number;
  /** Its characters stand one by one from `start` on; else all of it stands for `start`..`end`. */
  readonly isVerbatim: boolean;
  readonly end: number;
}

/** Nested macros of no kernel go deeper. */
const DEEPEST = 8;

/**
 * The statements of an `asm()` template: strings joined, `\n\t` and `;` between statements, `%%` as `%`, placeholders as
 * one word each (`%0`, `%[name]`, without modifiers). Names between the strings are expanded; a call of an unknown macro
 * (`__ex("...")`) stands for its arguments.
 */
export function readTemplate(template: readonly Token[], lookup: MacroLookup): Token[][] {
  const pieces = piecesOf(template, lookup, null, 0);
  return joinedLines(pieces).flatMap((line) =>
    splitAt(withPlaceholders(placedTokens(line)), ';').filter((part) => part.length > 0),
  );
}

/** `use`: the macro's use that the tokens come out of; null for tokens that are written where they stand. */
function piecesOf(tokens: readonly Token[], lookup: MacroLookup, use: Token | null, depth: number): Piece[] {
  const pieces: Piece[] = [];
  for (let i = 0; i < tokens.length && depth < DEEPEST; i++) {
    const token = tokens[i];
    if (!token) break;
    if (token.kind === 'string') pieces.push(stringPiece(token, use));
    else if (token.kind === 'word') {
      const end = tokens[i + 1]?.text === '(' ? behindParenthesis(tokens, i + 1) : i + 1;
      pieces.push(...wordPieces(tokens.slice(i, end), lookup, use, depth));
      i = end - 1;
    } else if (use) pieces.push(bare(token, use));
  }
  return pieces;
}

function stringPiece(token: Token, use: Token | null): Piece {
  const text = token.text.slice(1, -1);
  if (use) return { text, start: use.start, end: use.end, isVerbatim: false };
  return { text, start: token.start + 1, end: token.end, isVerbatim: true };
}

/** The pieces of a name, and of its arguments if it has some. */
function wordPieces(tokens: readonly Token[], lookup: MacroLookup, use: Token | null, depth: number): Piece[] {
  const [name] = tokens;
  if (!name) return [];
  const place = use ?? name;
  if (lookup(name.text)) return expandedPieces(tokens, lookup, place, depth);
  const inside = tokens.slice(2, -1);
  if (/^__stringify(?:_1)?$/.test(name.text)) return expand(inside, lookup).map((part) => bare(part, place));
  return tokens.length > 1 ? piecesOf(inside, lookup, use, depth + 1) : [bare(name, place)];
}

function expandedPieces(tokens: readonly Token[], lookup: MacroLookup, place: Token, depth: number): Piece[] {
  const expanded = expand(tokens, lookup);
  const isStill = expanded[0]?.text === tokens[0]?.text && expanded.length === tokens.length;
  if (isStill) return piecesOf(tokens.slice(1), lookup, null, depth + 1);
  // Strings written here, as arguments, keep their own places.
  return expanded.flatMap((token) => piecesOf([token], () => undefined, token.writtenIn ? place : null, depth + 1));
}

function bare(token: Token, place: Token): Piece {
  return { text: ` ${token.text} `, start: place.start, end: place.end, isVerbatim: false };
}

/** Joins the pieces to lines at `\n`. */
function joinedLines(pieces: readonly Piece[]): Piece[][] {
  const last: Piece[] = [];
  const lines = [last];
  for (const piece of pieces) {
    let at = 0;
    for (const part of piece.text.split(/(\\n)/)) {
      if (part === '\\n') lines.push([]);
      else
        lines.at(-1)?.push({
          ...piece,
          text: part.replace(/\\t/g, '  '),
          start: piece.isVerbatim ? piece.start + at : piece.start,
        });
      at += part.length;
    }
  }
  return lines;
}

/** The tokens of a line, each with the place that its first and last characters have in the C file. */
function placedTokens(line: readonly Piece[]): Token[] {
  const text = line.map((piece) => piece.text).join('');
  const starts: number[] = [];
  const ends: number[] = [];
  for (const piece of line) {
    for (let i = 0; i < piece.text.length; i++) {
      starts.push(piece.isVerbatim ? piece.start + i : piece.start);
      ends.push(piece.isVerbatim ? piece.start + i + 1 : piece.end);
    }
  }
  const comment = /(?<!%)#/.exec(text)?.index ?? text.length;
  return tokenize(text, 0, comment)
    .flatMap((token) => immediateApart(token))
    .map((token) => ({ ...token, start: starts[token.start] ?? 0, end: ends[token.end - 1] ?? 0 }));
}

/** `%%` is `%`; `%c[rax]`, `%[rax]` and `%0` become one word each. */
function withPlaceholders(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [token, next] = [tokens[i], tokens[i + 1]];
    if (!token) break;
    if (token.text !== '%' || !next || next.spaced) {
      result.push(token);
    } else if (next.text === '%') {
      result.push(token);
      i++;
    } else {
      const placeholder = placeholderAt(tokens, i + 1);
      result.push(placeholder ? { ...token, kind: 'word', text: placeholder.word, end: placeholder.end } : token);
      i += placeholder?.length ?? 0;
    }
  }
  return result;
}

interface Placeholder {
  readonly word: string;
  /** How many tokens it takes behind `%`. */
  readonly length: number;
  readonly end: number;
}

/** The placeholder behind `%`; null for a register. */
function placeholderAt(tokens: readonly Token[], at: number): Placeholder | null {
  const token = tokens[at];
  if (!token) return null;
  const number = token.kind === 'number' ? token.text : modifiedNumber(token.text);
  if (number !== null) return { word: `%${number}`, length: 1, end: token.end };
  const open = /^[a-zA-Z]$/.test(token.text) ? at + 1 : at;
  const [bracket, name, close] = tokens.slice(open, open + 3);
  if (bracket?.text !== '[' || !name || close?.text !== ']') return null;
  return { word: `%[${name.text}]`, length: open + 3 - at, end: close.end };
}

/** The number in `c1`, an operand with a modifier. `r8` is a register, of a template without operands. */
function modifiedNumber(word: string): string | null {
  const [, modifier, number] = /^([a-zA-Z])(\d+)$/.exec(word) ?? [];
  return number === undefined || modifier === 'r' ? null : number;
}
