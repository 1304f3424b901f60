import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText, Span } from '../../syntax/text/sourceText.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { registerHeld } from './placeUses.js';
import { sourceOf } from './text.js';

/** The place that a member is of a struct that an offset of a file is in the definition of, with the register that it holds; null for any other word. */
export function structPlaceAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): { readonly place: Place; readonly register: Register } | null {
  const source = sourceOf(model, path);
  const within = source && structsIn(source).find(({ start, end }) => start <= offset && offset < end);
  const struct = within && placeTables(model.symbols.backends).structs.get(within.tag);
  if (!struct) return null;
  const place: Place = { kind: struct.kind, name: `${struct.prefix}${name}`, register: null };
  const register = registerHeld(model, place);
  return register && { place, register };
}

/** The structs that a file defines, by the kernel's style of doing so: from the tag's line to the brace that ends it in the first column. */
const structsIn = memoizeByIdentity(({ text }: SourceText): readonly (Span & { readonly tag: string })[] =>
  Array.from(text.matchAll(/^struct\s+(?:__\w+\s+)?(\w+)\s*\{/gm), ({ index, 0: head, 1: tag = '' }) => {
    const end = text.indexOf('\n}', index);
    return { tag, start: index + head.length, end: end < 0 ? text.length : end };
  }),
);
