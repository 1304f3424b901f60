import type { Span } from '../text/sourceText.js';
import { textOf, type AsmToken } from './asmToken.js';
import { argumentLists, type Substitutions } from './macroUse.js';
import type { SymbolTable } from './symbolTable.js';

const MOST_REPETITIONS = 1_000;

/** Where the item of a repetition stands, when it is written in this file. */
export function itemOf(given: Substitutions): Span | null {
  const [item] = given.values();
  const written = item?.filter((token) => !token.isBorrowed) ?? [];
  const [first, last] = [written[0], written.at(-1)];
  return first && last ? { start: first.start, end: last.end } : null;
}

/**
 * What each round of `.rept`, `.irp` or `.irpc` puts in for the loop's name (GNU as manual, Pseudo Ops). `.rept` has one round where its
 * count is not known.
 */
export function repetitions(
  directive: string | null,
  rest: readonly AsmToken[],
  symbols: SymbolTable,
): readonly Substitutions[] {
  return everyRound(directive, rest, symbols).slice(0, MOST_REPETITIONS);
}

function everyRound(directive: string | null, rest: readonly AsmToken[], symbols: SymbolTable): Substitutions[] {
  if (directive === '.rept') {
    const count = symbols.valueOf(rest) ?? 1;
    return Array.from({ length: Math.max(0, Math.min(count, MOST_REPETITIONS)) }, () => new Map<string, AsmToken[]>());
  }
  const [name, comma] = rest;
  if (!name) return [];
  const items = argumentLists(rest.slice(comma?.text === ',' ? 2 : 1));
  if (directive === '.irp') return items.map((item) => new Map([[name.text, item]]));
  return items.flatMap((item) =>
    Array.from(textOf(item), (letter) => {
      const token = item[0] ?? name;
      return new Map([
        [name.text, [{ ...token, kind: /\d/.test(letter) ? 'number' : 'word', text: letter } satisfies AsmToken]],
      ]);
    }),
  );
}
