import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { macroNamed } from './cSymbols.js';
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

/** Characters of a macro's use before one of its arguments. */
const LONGEST_USE = 120;

/**
 * The place that an argument of a macro's use names: a member of the struct that the macro's body has, `rip` of
 * `CHECK_SMRAM64_OFFSET(rip, 0xFF78)`, or a field whose accessor's name the macro pastes, `DEFINE_KVM_GHCB_ACCESSORS(rdx)`; null for any
 * other word.
 */
export function macroPlaceAt(model: RegisterModel, path: string, offset: number, name: string): NamedPlace | null {
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - LONGEST_USE), offset) ?? '';
  const [, callee = '', given = ''] = /(?<!\w)(\w+)\(([^(){};]*)$/.exec(before) ?? [];
  const definition = macroNamed(model, callee)?.definition;
  const parameter = definition?.parameters?.[given.split(',').length - 1];
  if (!definition || parameter === undefined) return null;
  const body = definition.body.map(({ text }) => text);
  if (!body.includes(parameter)) return null;
  const place = placeInStruct(model, body, name) ?? placePasted(model, body, parameter, name);
  return place && namedPlace(model, place);
}

function placeInStruct({ symbols }: RegisterModel, body: readonly string[], name: string): Place | null {
  const tag = body.find((word, i) => body[i - 1] === 'struct' && placeTables(symbols.backends).structs.has(word));
  const struct = tag === undefined ? undefined : placeTables(symbols.backends).structs.get(tag);
  return struct ? { kind: struct.kind, name: `${struct.prefix}${name}`, register: null } : null;
}

/** The field of the first accessor whose name is pasted of a parameter: `kvm_ghcb_get_##field##_if_valid`. */
function placePasted(
  { symbols }: RegisterModel,
  body: readonly string[],
  parameter: string,
  name: string,
): Place | null {
  for (const [i, word] of body.entries()) {
    if (word !== parameter || body[i - 1] !== '##') continue;
    const pasted = `${body[i - 2] ?? ''}${name}${body[i + 1] === '##' ? (body[i + 2] ?? '') : ''}`;
    const access = placeTables(symbols.backends).functionNamed(pasted);
    if (typeof access?.field === 'string') return { kind: access.kind, name: access.field, register: null };
  }
  return null;
}
