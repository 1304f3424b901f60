import type { Phase } from '../../backends/phase.js';
import type { HardwareKind, Place } from '../../backends/place.js';
import { isCacheSlot } from '../../facts/registers/copies.js';
import { placeTables } from '../../backends/registry.js';
import { segmentIn } from '../../backends/saveArea.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Move } from '../../facts/registers/moves.js';
import { fileOffset, offsetIn } from '../callGraph.js';
import { placeInCurrent } from '../foreignAreas.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { placeByCallers } from '../vmcbParameters.js';
import { fieldDescription, hardwareKind } from './backends.js';
import { functionAt, type CFunction } from './functions.js';
import { registerNamed, registerOf } from './registers.js';
import { sourceOf } from './text.js';
import { unlistedIn } from './unlistedRegisters.js';

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
  const uses = fn.c.moves.flatMap((found) => {
    if (found.statement > at || at >= endOfStatement(model, fn, found.statement)) return [];
    const move = moveOfTree(model, fn, found);
    const sides = [
      { place: move.from, other: move.to, isWritten: false },
      { place: move.to, other: move.from, isWritten: true },
    ];
    return sides.flatMap(({ place, other, isWritten }): PlaceUse[] => {
      if (!place || place.kind === 'cache') return [];
      if (isOfOtherSide({ place, other, isWritten }, found.offset > at, isBehindSign(model, fn, found, at))) return [];
      if (isWritten && isInValue(model, path, offset, { name, value: move.other })) return [];
      const isAccess = move.offset === at || fieldGiven(model, path, offset) === place.name;
      if (!isNamedBy(model, place, name) && !(isAccess && isAccessOf(model, place, name))) return [];
      const register = registerHeld(model, place, other);
      if (!register && !isOfGuest(model, place, other)) return [];
      return [{ fn, move, place, isWritten, phase: model.phases.at(fn, move.offset), register }];
    });
  });
  // Of a place that a statement reads several times, the one that the word is of.
  return uses.filter((use) => !uses.some((other) => isAlike(use, other) && isBetween(use, other, at)));
}

/**
 * Whether a word is on the other side of an assignment than a place: where both sides are called alike, and where what is before the sign
 * is no place, `vcpu->arch.cr2 = vmcb12->save.cr2`.
 */
function isOfOtherSide(
  { place, other, isWritten }: Pick<PlaceUse, 'place' | 'isWritten'> & { readonly other: Place | null },
  isBefore: boolean,
  isBehind: boolean | null,
): boolean {
  if (other) return fieldOf(place.name) === fieldOf(other.name) && isWritten === isBehind;
  return !isWritten && isBefore && isBehind === false;
}

function isAlike(a: PlaceUse, b: PlaceUse): boolean {
  return a.isWritten === b.isWritten && a.place.kind === b.place.kind && a.place.name === b.place.name;
}

function isBetween({ move: { offset } }: PlaceUse, other: PlaceUse, at: number): boolean {
  return offset < other.move.offset && other.move.offset <= at;
}

/** Whether an offset of a function is on the right side of the assignment that moves something, `to->rip = from->rip`; null where nothing is assigned. */
function isBehindSign(model: RegisterModel, fn: CFunction, { statement }: Move, at: number): boolean | null {
  const text = sourceOf(model, fn.file)?.text ?? '';
  const begin = fileOffset(fn, statement);
  const sign = /[^=!<>]=(?!=)/.exec(text.slice(begin, text.indexOf(';', begin)));
  return sign && begin + sign.index < fileOffset(fn, at);
}

/** A move with the places that the callers of its function and what it made current before say that they are. */
function moveOfTree(model: RegisterModel, fn: CFunction, move: Move): Move {
  const { from, to, offset } = move;
  return { ...move, from: from && placeOfTree(model, fn, from, offset), to: to && placeOfTree(model, fn, to, offset) };
}

/** A place of a function's own facts as one of the tree. `offset`: of the access, in the function. */
export function placeOfTree({ graph }: RegisterModel, fn: CFunction, place: Place, offset: number): Place {
  return placeInCurrent(graph, fn, placeByCallers(graph, fn, place), offset) ?? place;
}

/** Where a statement that begins at an offset of a function ends, counted from the function's start. */
export function endOfStatement(model: RegisterModel, fn: CFunction, statement: number): number {
  const text = sourceOf(model, fn.file)?.text ?? '';
  const end = text.indexOf(';', fileOffset(fn, statement));
  return end < 0 ? fn.c.length : offsetIn(fn, end);
}

/** Whether a word is what a place is called in code: its field, or the function that reads or writes it. */
function isNamedBy({ symbols }: RegisterModel, { kind, name }: Place, word: string): boolean {
  if (fieldOf(name) === word) return true;
  const access = placeTables(symbols.backends).functionNamed(word);
  return access?.kind === kind && access.field === name;
}

/** What stands first among the arguments of a call whose function's name begins at an offset of a file, if that is one word. */
function fieldGiven(model: RegisterModel, path: string, offset: number): string | null {
  const text = sourceOf(model, path)?.text.slice(offset, offset + LONGEST_CALL) ?? '';
  return /^\w+\s*\(\s*(\w+)\s*[,)]/.exec(text)?.[1] ?? null;
}

/** What is said of the field that a call reads or writes which a word names the function of, `vmcs_readl(CR4_READ_SHADOW)`, if that is no register's place; null for any other. */
export function givenFieldWords(model: RegisterModel, path: string, offset: number, name: string): string | null {
  if (placeTables(model.symbols.backends).functionNamed(name) === null) return null;
  const field = fieldGiven(model, path, offset);
  const words = field === null ? null : fieldDescription(model, field);
  return words === null ? null : `${field ?? ''} here, ${words}`;
}

/** Characters of a call up to its first argument's end. */
const LONGEST_CALL = 80;

/** Whether a word is the last of the value that a place is written with, and only happens to be called as its field: `base` of `var->base`. */
function isInValue(
  model: RegisterModel,
  path: string,
  offset: number,
  { name, value }: { readonly name: string; readonly value: string },
): boolean {
  const end = offset + name.length;
  return value.length > name.length && sourceOf(model, path)?.text.slice(end - value.length, end) === value;
}

/** Whether a word is a function that reads or writes whichever field of a place's it is given: `vmcs_readl`. */
function isAccessOf({ symbols }: RegisterModel, { kind }: Place, word: string): boolean {
  return placeTables(symbols.backends).functionNamed(word)?.kind === kind;
}

/** `guest_rsp` of `vmcs12.guest_rsp`, `gprs` of `smram64.gprs[15 - i]`. */
function fieldOf(name: string): string {
  return /(?<!\w)(\w+)(?:\[[^[\]]*\])?$/.exec(name)?.[1] ?? name;
}

/**
 * The register that a place holds: by the manuals' names where its fields are called after registers, by the other side of the move
 * where they are not; null for what holds no register of the enum.
 */
export function registerHeld(model: RegisterModel, place: Place, other: Place | null = null): Register | null {
  const hardware = hardwareKind(model, place.kind);
  const copied = registerOf(model, other?.register ?? null);
  if (hardware?.holds) return heldIn(model, hardware.holds, place.name) ?? exitInfoIn(model, place);
  if (hardware || place.kind === 'hardware') return copied;
  // A VMCB's control area has names of its own: `exit_info_1` is what the exit tells (APM vol. 2, appendix B).
  const own = place.name.includes('.control.') ? null : registerNamed(model, plainName(place.name));
  return own ?? copied;
}

/** What an exit tells, in the field that it is read from: no register by the manuals, only the enum has it among them. */
function exitInfoIn(model: RegisterModel, { kind, name }: Place): Register | null {
  const isOf = ({ class: of, owners }: Register) =>
    of === 'exit-info' && owners.some(({ place }) => place.kind === kind && place.name === name);
  return named(model).find(isOf) ?? null;
}

function heldIn(model: RegisterModel, holds: (field: string, register: string) => boolean, field: string) {
  return named(model).find(({ register }) => holds(field, register)) ?? null;
}

const named = memoizeByIdentity(({ registers }: RegisterModel) => registers.filter(({ member }) => member !== null));

/** Whether a place without a register of the enum holds the guest's state all the same: a protocol's argument, all GPRs in turn. */
export function isOfGuest(model: RegisterModel, place: Place, other: Place | null): boolean {
  const hardware = hardwareKind(model, place.kind);
  if (unlistedIn(place.name) !== null && !isOfHost(hardware, place)) return true;
  if (hardware) return hardware.holds === null;
  return other !== null && other.register === null && (isCacheSlot(other) || other.kind === 'emulator');
}

/** Whether a field of a save area is the host's, which has the name of the guest's beside it: `HOST_S_CET`. */
function isOfHost(hardware: HardwareKind | null, { name }: Place): boolean {
  return hardware?.constants !== undefined && !hardware.constants.test(name);
}

/** A field by its register's name: `rsp` of `guest_rsp` and `host_rsp` (vmx/vmcs12.h), `pdptr` of `pdptr0`, `segments` of `guest_es_base`. */
function plainName(name: string): string {
  if (segmentIn(name) !== null) return 'segments';
  return fieldOf(name)
    .replace(/^(?:guest|host)_/, '')
    .replace(/^_?e(?=ip$)/, 'r')
    .replace(/^(?:eflags)$/, 'rflags')
    .replace(/^(pdptr)s?\d?$/, '$1');
}
