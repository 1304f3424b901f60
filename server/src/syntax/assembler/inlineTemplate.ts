import { expand, type MacroLookup } from '../preprocessor/macroExpansion.js';
import { tokenize, type Token } from '../text/tokens.js';
import { behindBracket, immediateApart, splitAt } from './asmToken.js';

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

function piecesOf(tokens: readonly Token[], lookup: MacroLookup, use: Token | null, depth: number): Piece[] {
  const pieces: Piece[] = [];
  for (let i = 0; i < tokens.length && depth < DEEPEST; i++) {
    const token = tokens[i];
    if (!token) break;
    const place = use ?? token;
    if (token.kind === 'string') {
      pieces.push({
        text: token.text.slice(1, -1),
        start: use ? place.start : token.start + 1,
        end: place.end,
        isVerbatim: !use,
      });
    } else if (token.kind === 'word') {
      const end = tokens[i + 1]?.text === '(' ? behindBracket(tokens, i + 1) : i + 1;
      const macro = lookup(token.text);
      const isStringify = /^__stringify(?:_1)?$/.test(token.text);
      const inner = tokens.slice(i + 2, end - 1);
      if (macro) pieces.push(...expandedPieces(tokens.slice(i, end), lookup, place, depth));
      else if (end > i + 1 && !isStringify) pieces.push(...piecesOf(inner, lookup, use, depth + 1));
      else if (isStringify) pieces.push(...expand(inner, lookup).map((part) => bare(part, place)));
      else pieces.push(bare(token, place));
      i = end - 1;
    } else if (use) {
      pieces.push(bare(token, place));
    }
  }
  return pieces;
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
      continue;
    }
    if (next.text === '%') {
      result.push(token);
      i++;
      continue;
    }
    const [word, length] = placeholderAt(tokens, i + 1);
    if (word === null) result.push(token);
    else result.push({ ...token, kind: 'word', text: word, end: tokens[i + length]?.end ?? token.end });
    i += length;
  }
  return result;
}

/** The placeholder behind `%` and how many tokens it takes; null for a register. */
function placeholderAt(tokens: readonly Token[], at: number): [string | null, number] {
  const token = tokens[at];
  if (token?.kind === 'number') return [`%${token.text}`, 1];
  const number = /^[a-zA-Z](\d+)$/.exec(token?.text ?? '')?.[1];
  // `%c1`, but `%r8` of a template without operands is a register.
  if (number !== undefined && !/^r\d+$/.test(token?.text ?? '')) return [`%${number}`, 1];
  const open =
    token?.text === '[' ? at : /^[a-zA-Z]$/.test(token?.text ?? '') && tokens[at + 1]?.text === '[' ? at + 1 : -1;
  if (open < 0 || tokens[open + 2]?.text !== ']') return [null, 0];
  return [`%[${tokens[open + 1]?.text ?? ''}]`, open + 3 - at];
}
