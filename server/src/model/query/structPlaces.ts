import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { registerHeld } from './placeUses.js';
import { structAt } from './structDefinitions.js';
import { sourceOf } from './text.js';

/** The place that a member is of a struct that an offset of a file is in the definition of, with the register that it holds; null for any other word. */
export function structPlaceAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): { readonly place: Place; readonly register: Register } | null {
  const source = sourceOf(model, path);
  const tag = source && structAt(source, offset);
  const struct = tag === null ? undefined : placeTables(model.symbols.backends).structs.get(tag);
  if (!struct) return null;
  const place: Place = { kind: struct.kind, name: `${struct.prefix}${name}`, register: null };
  const register = registerHeld(model, place);
  return register && { place, register };
}
