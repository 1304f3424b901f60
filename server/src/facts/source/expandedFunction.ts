import { outline } from '../../syntax/c/outline.js';
import { movedConditionals } from '../../syntax/preprocessor/conditionals.js';
import { writtenPart } from '../../syntax/preprocessor/macroExpansion.js';
import { macroUses, type MacroUse, type MacroUses } from '../../syntax/preprocessor/macroUses.js';
import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { FunctionSource } from './functionSource.js';

/** A function with uses of macros expanded: a text of its own, which is read as if it had been written so. */
export interface ExpandedFunction {
  readonly source: FunctionSource;
  /** Where the token that an offset of the expanded text is of stands in the function as written: in a macro's body, where the macro is used. */
  readonly writtenOffset: (offset: number) => number;
  /** What of a token of the expanded text is written in the function; null for one that stands in a macro's body alone. */
  readonly writtenToken: (token: Span) => Span | null;
}

/** Expands the uses of macros in a function that are wanted; null where none is, or where what comes out is no function. */
export function expandedFunction(fn: FunctionSource, uses: MacroUses): ExpandedFunction | null {
  const found = wantedUses(fn, uses);
  if (found.length === 0) return null;
  const pieces: Piece[] = [];
  let code = '';
  let at = 0;
  for (const use of found) {
    pieces.push({ start: code.length, written: at, isCopied: true, token: null });
    code += fn.code.slice(at, use.start);
    for (const [i, token] of use.tokens.entries()) {
      if (i > 0 && needsSpace(use.tokens[i - 1], token)) code += ' ';
      const written = token.writtenIn ? use.start : token.start;
      pieces.push({ start: code.length, written, isCopied: false, token: writtenPart(token) });
      code += token.text;
    }
    at = use.end;
  }
  pieces.push({ start: code.length, written: at, isCopied: true, token: null });
  code += fn.code.slice(at);
  const source = sourceOf(fn, code, placeAfter(found, pieces));
  if (!source) return null;
  return {
    source,
    writtenOffset: (offset) => {
      const piece = pieceAt(pieces, offset);
      return piece.isCopied ? copiedOffset(piece, offset) : piece.written;
    },
    writtenToken: ({ start, end }) => {
      const piece = pieceAt(pieces, start);
      if (!piece.isCopied) return piece.token;
      const from = copiedOffset(piece, start);
      return { start: from, end: from + end - start };
    },
  };
}

/** A piece of the expanded text, from `start` up to the next one. */
interface Piece {
  readonly start: number;
  /** Where it is written; what stands in a macro's body, where that is used. */
  readonly written: number;
  /** Character by character as written; else one token. */
  readonly isCopied: boolean;
  /** What of one token is written in the function. */
  readonly token: Span | null;
}

function wantedUses({ code, bodyStart, conditionals }: FunctionSource, uses: MacroUses): MacroUse[] {
  // Arguments that differ from one branch of an `#if` to the other stay as they are.
  const isExpandable = (use: Span) => !conditionals.regions.some(({ start }) => use.start < start && start < use.end);
  return macroUses(tokenize(code, bodyStart, code.length), { ...uses, isExpandable });
}

function needsSpace(before: Token | undefined, { kind, text, spaced }: Token): boolean {
  if (!before || spaced) return true;
  if (kind === 'punctuator') return before.kind === 'punctuator' && before.text.at(-1) === text[0];
  return before.kind !== 'punctuator';
}

/** Where an offset of the function as written, which is in no use, has gone in the expanded text. */
function placeAfter(uses: readonly MacroUse[], pieces: readonly Piece[]): (offset: number) => number {
  const copied = pieces.filter(({ isCopied }) => isCopied);
  return (offset) => {
    const piece = copied[uses.findLastIndex(({ end }) => end <= offset) + 1];
    return piece ? piece.start + offset - piece.written : offset;
  };
}

/** The piece that an offset of the expanded text is in: the last one that begins there or before. */
function pieceAt(pieces: readonly Piece[], offset: number): Piece {
  return pieces[lastAtOrBefore(pieces, offset, ({ start }) => start)] ?? UNCHANGED;
}

/** Text before the first piece, as there is none. */
const UNCHANGED: Piece = { start: 0, written: 0, isCopied: true, token: null };

function copiedOffset({ start, written }: Piece, offset: number): number {
  return written + offset - start;
}

function sourceOf(fn: FunctionSource, code: string, place: (offset: number) => number): FunctionSource | null {
  const [item, more] = outline(code);
  if (item?.kind !== 'function' || more || item.nameStart !== fn.nameStart) return null;
  const { bodyStart, words, calls } = item;
  return {
    ...fn,
    bodyStart,
    text: code,
    code,
    words,
    calls,
    conditionals: movedConditionals(fn.conditionals, place),
  };
}
