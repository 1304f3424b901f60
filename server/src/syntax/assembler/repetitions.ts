import type { Span } from '../text/sourceText.js';
import { argumentLists } from './asmMacro.js';
import { glued, textOf, type AsmToken } from './asmToken.js';
import { directiveArguments, directiveName, type Statement } from './statements.js';
import type { Arguments } from './substitution.js';
import type { SymbolTable } from './symbols.js';

const MOST_REPETITIONS = 1_000;

/** One time that a repetition's body is assembled. */
interface Round {
  readonly given: Arguments;
  /** Where the item of `.irp` stands, when it is written in this file. */
  readonly item: Span | null;
}

/**
 * The rounds of `.rept COUNT`, `.irp NAME, ITEMS` or `.irpc NAME, CHARACTERS` (GNU as manual, "Pseudo Ops"). `.rept` has one
 * round where its count is not known.
 */
export function rounds(header: Statement, symbols: SymbolTable): readonly Round[] {
  const rest = glued(directiveArguments(header.tokens));
  switch (directiveName(header.tokens)) {
    case '.rept':
      return Array.from({ length: Math.min(symbols.valueOf(rest) ?? 1, MOST_REPETITIONS) }, () => NOTHING_GIVEN);
    case '.irp':
      return roundsOver(rest, (item) => [item]);
    default:
      return roundsOver(rest, characters);
  }
}

const NOTHING_GIVEN: Round = { given: new Map(), item: null };

/** The rounds of `NAME, LIST`, whose arguments may each make several items. */
function roundsOver(
  [name, comma, ...rest]: readonly AsmToken[],
  itemsOf: (argument: readonly AsmToken[]) => readonly (readonly AsmToken[])[],
): readonly Round[] {
  if (!name) return [];
  const list = comma && comma.text !== ',' ? [comma, ...rest] : rest;
  const items = argumentLists(list).flatMap(itemsOf).slice(0, MOST_REPETITIONS);
  return items.map((item) => ({ given: new Map([[name.text, item]]), item: placeOf(item) }));
}

function characters(argument: readonly AsmToken[]): AsmToken[][] {
  const [first] = argument;
  if (!first) return [];
  return Array.from(textOf(argument), (character) => [
    { ...first, kind: /\d/.test(character) ? 'number' : 'word', text: character },
  ]);
}

function placeOf(item: readonly AsmToken[]): Span | null {
  const written = item.filter((token) => !token.isBorrowed);
  const [first, last] = [written[0], written.at(-1)];
  return first && last ? { start: first.start, end: last.end } : null;
}
