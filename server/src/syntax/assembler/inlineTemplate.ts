import { expand, type MacroLookup } from '../preprocessor/macroExpansion.js';
import { behindParenthesis, splitAt } from '../text/brackets.js';
import { tokenize, type Token } from '../text/tokens.js';
import { isAlternativeMacro } from './alternatives.js';
import { kernelRegisterName } from '../x86/registers.js';
import { immediateApart } from './asmToken.js';
import { withPlaceholders } from './placeholders.js';

/** A piece of the template's text and where its characters stand in the C file. */
interface Piece {
  readonly text: string;
  readonly start: number;
  /** Its characters stand one by one from `start` on; else all of it stands for `start`..`end`. */
  readonly isVerbatim: boolean;
  readonly end: number;
}

/** A token of an `asm` statement. */
export interface InlineToken extends Token {
  /** It is a macro's, out of whose use the statement comes: it stands for the place of that use. */
  readonly isBorrowed?: boolean;
}

/** Nested macros of no kernel go deeper. */
const DEEPEST = 8;

/**
 * The statements of an `asm()` template: strings joined, `\n\t` and `;` between statements, `%%` as `%`, placeholders as
 * one word each (`%0`, `%[name]`, without modifiers). Names between the strings are expanded; a call of an unknown macro
 * (`__ex("...")`) stands for its arguments.
 */
export function readTemplate(template: readonly InlineToken[], lookup: MacroLookup): Token[][] {
  const pieces = piecesOf(template, lookup, null, 0);
  return joinedLines(pieces).flatMap((line) =>
    splitAt(withPlaceholders(placedTokens(line)), ';').filter((part) => part.length > 0),
  );
}

/** `use`: the macro's use that the tokens come out of; null for tokens that are written where they stand. */
function piecesOf(tokens: readonly InlineToken[], lookup: MacroLookup, use: Token | null, depth: number): Piece[] {
  const pieces: Piece[] = [];
  for (let i = 0; i < tokens.length && depth < DEEPEST; i++) {
    const token = tokens[i];
    if (!token) break;
    if (token.kind === 'string') pieces.push(stringPiece(token, use ?? (token.isBorrowed ? token : null)));
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
  if (isAlternativeMacro(name.text) && tokens.length > 1) return alternativePieces(tokens, lookup, use, depth);
  if (lookup(name.text)) return expandedPieces(tokens, lookup, place, depth);
  const inside = tokens.slice(2, -1);
  if (/^__stringify(?:_1)?$/.test(name.text)) return expand(inside, lookup).map((part) => bare(part, place));
  return tokens.length > 1 ? piecesOf(inside, lookup, use, depth + 1) : [bare(name, place)];
}

/** An `ALTERNATIVE("...", "...", FEATURE)` as a statement of assembly, each argument with instructions as one string. */
function alternativePieces(
  [name, , ...behind]: readonly Token[],
  lookup: MacroLookup,
  use: Token | null,
  depth: number,
): Piece[] {
  const place = use ?? name;
  if (!place || !name) return [];
  const written = (text: string): Piece => ({ text, start: place.start, end: place.end, isVerbatim: false });
  const isString = ({ kind, text }: Token) => kind === 'string' || text === '__stringify';
  const isCode = (argument: readonly Token[]) =>
    argument.some((token) => isString(token) || (lookup(token.text)?.body.some(isString) ?? false));
  const parts = splitAt(behind.slice(0, -1), ',').map((argument) => {
    const pieces = piecesOf(argument, lookup, use, depth + 1);
    if (!isCode(argument)) return pieces;
    // Inside the string, statements are on one line, and no name is expanded any more.
    const onOneLine = pieces.map((piece) => ({
      ...piece,
      text: withRegisterNames(piece.text.replaceAll('\\n', '; ')),
    }));
    return [written('"'), ...onOneLine, written('"')];
  });
  const listed = parts.flatMap((pieces, i) => (i === 0 ? pieces : [written(','), ...pieces]));
  return [written('\\n'), written(` ${name.text} `), ...listed, written('\\n')];
}

/** `asm()` statements are followed as a 64-bit kernel has them. */
function withRegisterNames(text: string): string {
  return text.replace(/\b_ASM_\w+/g, (name) => kernelRegisterName(name, 8) ?? name);
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
