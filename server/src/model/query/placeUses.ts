import type { Phase } from '../../backends/phase.js';
import type { Place } from '../../backends/place.js';
import { isCacheSlot } from '../../facts/registers/copies.js';
import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Move } from '../../facts/registers/moves.js';
import { fileOffset, offsetIn } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { hardwareKind } from './backends.js';
import { functionAt, type CFunction } from './functions.js';
import { registerNamed, registerOf } from './registers.js';
import { sourceOf } from './text.js';

/** A word that names a place other than the register cache, where a move reads or writes it. */
export interface PlaceUse {
  readonly fn: CFunction;
  readonly move: Move;
  readonly place: Place;
  /** Whether the place is written; else it is read. */
  readonly isWritten: boolean;
  readonly phase: Phase;
  /** What the place holds; null for what only run time knows, and for a register that the enum does not list. */
  readonly register: Register | null;
}

/** What a word at an offset of a file names, if that is a place beside the cache: the moves of its statement through that place. */
export function placeUsesAt(model: RegisterModel, path: string, offset: number, name: string): readonly PlaceUse[] {
  const fn = functionAt(model, path, offset);
  if (!fn) return [];
  const at = offsetIn(fn, offset);
  return fn.c.moves.flatMap((move) => {
    if (move.statement > at || at >= endOfStatement(model, fn, move.statement)) return [];
    const sides = [
      { place: move.from, other: move.to, isWritten: false },
      { place: move.to, other: move.from, isWritten: true },
    ];
    return sides.flatMap(({ place, other, isWritten }): PlaceUse[] => {
      if (!place || place.kind === 'cache') return [];
      if (!isNamedBy(model, place, name) && !(move.offset === at && isAccessOf(model, place, name))) return [];
      const register = registerHeld(model, place, other);
      if (!register && !isOfGuest(model, place, other)) return [];
      return [{ fn, move, place, isWritten, phase: model.phases.at(fn, move.offset), register }];
    });
  });
}

/** Where a statement that begins at an offset of a function ends, counted from the function's start. */
function endOfStatement(model: RegisterModel, fn: CFunction, statement: number): number {
  const text = sourceOf(model, fn.file)?.text ?? '';
  const end = text.indexOf(';', fileOffset(fn, statement));
  return end < 0 ? fn.c.length : offsetIn(fn, end);
}

/** A variable that a function gives to a register's place: the parameter of `vmx_set_cr0`. */
export interface GivenValue {
  readonly fn: CFunction;
  readonly moves: readonly [Move, ...Move[]];
  readonly register: Register;
}

/** What is done with a variable's value in the function that a word of its name is in, where that is given to a register's place; else null. */
export function givenValueAt(model: RegisterModel, path: string, offset: number, name: string): GivenValue | null {
  const fn = functionAt(model, path, offset);
  const [first, ...others] =
    fn?.c.moves.filter((move) => move.from === null && move.to !== null && move.other === name) ?? [];
  if (!fn || !first?.to) return null;
  const register = registerOf(model, first.to.register) ?? registerHeld(model, first.to);
  return register && { fn, moves: [first, ...others], register };
}

/** Whether a word is what a place is called in code: its field, or the function that reads or writes it. */
function isNamedBy({ symbols }: RegisterModel, { kind, name }: Place, word: string): boolean {
  if (fieldOf(name) === word) return true;
  const access = placeTables(symbols.backends).functionNamed(word);
  return access?.kind === kind && access.field === name;
}

/** Whether a word is a function that reads or writes whichever field of a place's it is given: `vmcs_readl`. */
function isAccessOf({ symbols }: RegisterModel, { kind }: Place, word: string): boolean {
  return placeTables(symbols.backends).functionNamed(word)?.kind === kind;
}

/** `guest_rsp` of `vmcs12.guest_rsp`, `gprs` of `smram64.gprs[15 - i]`. */
function fieldOf(name: string): string {
  return /(\w+)(?:\[.*)?$/.exec(name)?.[1] ?? name;
}

/**
 * The register that a place holds: by the manuals' names where its fields are called after registers, by the other side of the move
 * where they are not; null for what holds no register of the enum.
 */
export function registerHeld(model: RegisterModel, place: Place, other: Place | null = null): Register | null {
  const hardware = hardwareKind(model, place.kind);
  if (hardware?.holds) return heldIn(model, hardware.holds, place.name);
  const copied = registerOf(model, other?.register ?? null);
  if (hardware || place.kind === 'hardware') return copied;
  return registerNamed(model, plainName(place.name)) ?? copied;
}

function heldIn(model: RegisterModel, holds: (field: string, register: string) => boolean, field: string) {
  return named(model).find(({ register }) => holds(field, register)) ?? null;
}

const named = memoizeByIdentity(({ registers }: RegisterModel) => registers.filter(({ member }) => member !== null));

/** Registers of the guest that KVM moves and that no enum of its lists: by their fields' names, `save.cr2`. */
const UNLISTED = /(?:^|[._])(CR2|CR8|DR6|DR7|EFER)$/i;

/** The register that a field holds by its name, if it is one that the enum does not list; null for any other. */
export function unlistedIn(name: string): string | null {
  return UNLISTED.exec(name)?.[1]?.toUpperCase() ?? null;
}

/** Whether a place without a register of the enum holds the guest's state all the same: a protocol's argument, all GPRs in turn. */
function isOfGuest(model: RegisterModel, place: Place, other: Place | null): boolean {
  if (unlistedIn(place.name) !== null) return true;
  const hardware = hardwareKind(model, place.kind);
  if (hardware) return hardware.holds === null;
  return other !== null && other.register === null && (isCacheSlot(other) || other.kind === 'emulator');
}

/** A field by its register's name: `rsp` of `guest_rsp` and `host_rsp` (vmx/vmcs12.h), `pdptr` of `pdptr0`. */
function plainName(name: string): string {
  return fieldOf(name)
    .replace(/^(?:guest|host)_/, '')
    .replace(/^_?e(?=ip$)/, 'r')
    .replace(/^(?:eflags)$/, 'rflags')
    .replace(/^(pdptr)s?\d?$/, '$1');
}
