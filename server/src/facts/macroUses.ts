import type { MacroDefinition } from '../syntax/preprocessor.js';
import type { Token } from '../syntax/tokens.js';

/** Which macros name each macro in their bodies, by name: all definitions of a name count. */
export type MacroUses = ReadonlyMap<string, readonly string[]>;

/** Reads who uses whom among macros. */
export function macroUses(macros: readonly MacroDefinition[]): MacroUses {
  const users = new Map<string, string[]>(macros.map(({ name }) => [name, []]));
  for (const { name, body } of macros) {
    for (const token of body) if (token.kind === 'word') users.get(token.text)?.push(name);
  }
  return users;
}

/** The macros with such a token in their body, and those that come to one of them by way of others. */
export function macrosReaching(
  macros: readonly MacroDefinition[],
  uses: MacroUses,
  isWanted: (token: Token) => boolean,
): Set<string> {
  const found = new Set(macros.filter(({ body }) => body.some(isWanted)).map(({ name }) => name));
  // A set's iteration goes on to what is added meanwhile.
  for (const name of found) for (const user of uses.get(name) ?? []) found.add(user);
  return found;
}
