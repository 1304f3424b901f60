import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { registerHeld } from './placeUses.js';
import { structAt } from './structDefinitions.js';
import { sourceOf } from './text.js';
import { holdsAllGprs, unlistedIn } from './unlistedRegisters.js';

/** A place that a word names by itself, without any move there, and what it holds. */
export interface NamedPlace {
  readonly place: Place;
  /** As the manuals call it. */
  readonly held: string;
  /** null for what the enum does not list. */
  readonly register: Register | null;
}

/** The place that a member is of a struct that an offset of a file is in the definition of, with what it holds; null for any other word. */
export function structPlaceAt(model: RegisterModel, path: string, offset: number, name: string): NamedPlace | null {
  const source = sourceOf(model, path);
  const tag = source && structAt(source, offset);
  const struct = tag === null ? undefined : placeTables(model.symbols.backends).structs.get(tag);
  return struct ? namedPlace(model, { kind: struct.kind, name: `${struct.prefix}${name}`, register: null }) : null;
}

/** The field of a save area that a constant stands for wherever it is written, `GUEST_RSP`; null for any other word. */
export function fieldPlaceNamed(model: RegisterModel, name: string): NamedPlace | null {
  for (const { kind, constants } of placeTables(model.symbols.backends).kinds.values()) {
    const found = constants?.test(name) ? namedPlace(model, { kind, name, register: null }) : null;
    if (found) return found;
  }
  return null;
}

function namedPlace(model: RegisterModel, place: Place): NamedPlace | null {
  const register = registerHeld(model, place);
  const held = register?.register ?? unlistedIn(place.name) ?? (holdsAllGprs(place) ? 'GPRs' : null);
  return held === null ? null : { place, held, register };
}
