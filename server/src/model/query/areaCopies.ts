import { UNKNOWN_PLACE, type Place } from '../../backends/place.js';
import type { Transfer } from '../../backends/transfer.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { offsetIn, type GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { transferOfMove } from '../registerTransfers.js';
import { hardwareKind } from './backends.js';
import { argumentTexts } from './callText.js';
import { functionAt, functionNamed, functionText, isInC, type CFunction } from './functions.js';
import { isOfGuest, registerHeld } from './placeUses.js';
import { registerNamed } from './registers.js';
import { registerReturned } from './returnedRegisters.js';
import { sourceOf } from './text.js';
import { holdsAllGprs, isOfCacheStruct, unlistedIn } from './unlistedRegisters.js';

/**
 * What a function copies to or from an area that is not the register cache, and that is no transfer of one register's slot: from one
 * area to another, all GPRs in turn, what a call returns, what is read of SMRAM.
 */
export interface AreaCopy {
  /** As the manuals call it; `GPRs` for all in turn. */
  readonly held: string;
  /** Where it stands among the tree's registers. */
  readonly rank: number;
  readonly transfer: Transfer;
}

/** The copies between areas that a function does itself, in the order of the text. */
export function areaCopies(model: RegisterModel, node: GraphNode): readonly AreaCopy[] {
  return isInC(node) ? copiesByFunction(model)(node) : [];
}

const copiesByFunction = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly AreaCopy[] => {
    const source = sourceOf(model, fn.file);
    if (!source) return [];
    return fn.c.moves
      .filter(({ from, to }) => (from?.register ?? to?.register ?? null) === null)
      .map((move) => transferOfMove(model, { source, start: fn.start, node: fn }, move))
      .flatMap((transfer) => copyOf(model, fn, transfer));
  }),
);

function copyOf(model: RegisterModel, fn: CFunction, transfer: Transfer): AreaCopy[] {
  const { from, to } = transfer;
  const part = partHeld(model, transfer);
  if (part !== null) return [{ held: part, rank: model.registers.length, transfer }];
  if (to && isArea(to)) return from ? copyBetween(model, transfer, from, to) : valueCopy(model, fn, transfer, to);
  if (!from || transfer.isAddress) return [];
  if (from.kind === 'smram') return named(model, transfer, from, to);
  if (!isArea(from)) return [];
  if (to?.kind === 'cache') return savedCopy(model, transfer, from, to);
  return !to && /^\*\w+$/.test(transfer.other) ? named(model, transfer, from, null) : [];
}

function copyBetween(model: RegisterModel, transfer: Transfer, from: Place, to: Place): AreaCopy[] {
  if (isSame(from, to) || isWithinSaveArea(model, from, to)) return [];
  return isArea(from) || isSlot(from) ? named(model, transfer, to, from) : [];
}

/** A value that comes from no place: a parameter for a register that no enum lists, or one that is a register's all the same. */
function valueCopy(model: RegisterModel, fn: CFunction, transfer: Transfer, to: Place): AreaCopy[] {
  if (isGiven(fn, transfer)) return unlistedIn(to.name) === null ? [] : named(model, transfer, to, null);
  return named(model, transfer, to, null).filter(({ held }) => isValueOf(model, fn, transfer, held));
}

/** Whether what is written is a parameter of the function's, or a member of what one describes: `dt->address`. */
function isGiven(fn: CFunction, { other }: Transfer): boolean {
  const name = /^(\w+)(?:->\w+)?$/.exec(other)?.[1];
  return fn.c.parameters.some((parameter) => parameter.name === name && !parameter.type.includes('vcpu'));
}

/** A register that no enum lists, read from an area to the member of the cache's struct that is called after it: `arch.cr2`. */
function savedCopy(model: RegisterModel, transfer: Transfer, from: Place, to: Place): AreaCopy[] {
  if (!isOfCacheStruct(to.name)) return [];
  const copies = named(model, transfer, from, null);
  return copies.filter(({ held }) => unlistedIn(from.name) === held && unlistedIn(to.name) === held);
}

/** The register that a statement reads from bits of a field, or writes to them: CR8 in the VMCB's `int_ctl`. */
function partHeld(model: RegisterModel, { file, statement, from, to, other }: Transfer): string | null {
  // What clears the bits gives them no value.
  if (other.startsWith('~')) return null;
  const place = to?.kind === 'cache' ? null : (to ?? from);
  const parts = (place && hardwareKind(model, place.kind)?.parts) ?? [];
  const own = parts.filter(({ field }) => field === place?.name);
  if (own.length === 0) return null;
  const text = sourceOf(model, file)?.text ?? '';
  const words = text.slice(statement, text.indexOf(';', statement)).split(/\W+/);
  return own.find(({ mask }) => words.includes(mask))?.register ?? null;
}

/** Whether a place is of the kind that holds several registers of a guest, beside the cache: what hardware is alone, and the emulator's copy, are none. */
function isArea({ kind }: Place): boolean {
  return !['cache', 'hardware', 'memory', 'host', 'emulator', 'fpstate'].includes(kind);
}

function isSlot({ kind, name }: Place): boolean {
  return kind === 'cache' && name.includes('[');
}

/** Whether one field of a save area gets bits of another one of the same: CR4 those of its read shadow. */
export function isWithinSaveArea(model: RegisterModel, from: Place, to: Place): boolean {
  return from.kind === to.kind && from.which === to.which && hardwareKind(model, to.kind)?.role === 'save-area';
}

function isSame(from: Place, to: Place): boolean {
  return from.kind === to.kind && from.name === to.name && from.which === to.which && from.kind !== UNKNOWN_PLACE;
}

function named(model: RegisterModel, transfer: Transfer, place: Place, other: Place | null): AreaCopy[] {
  const register = registerHeld(model, place, other);
  if (register) return [{ held: register.register, rank: model.registers.indexOf(register), transfer }];
  if (!isOfGuest(model, place, other) && !holdsAllGprs(place)) return [];
  if (holdsAllGprs(place)) return [{ held: 'GPRs', rank: -1, transfer }];
  const unlisted = unlistedIn(place.name);
  return unlisted === null ? [] : [{ held: unlisted, rank: model.registers.length, transfer }];
}

/** Whether a value that comes from no place is a register's all the same: a call returns it, or a member of the cache is called after it. */
function isValueOf(model: RegisterModel, fn: CFunction, { other, phase }: Transfer, held: string): boolean {
  const callee = /^(\w+)\(/.exec(other)?.[1];
  if (callee !== undefined) {
    const node = functionNamed(model, callee, fn.file);
    return node !== null && registerReturned(model, node)?.register === held;
  }
  const member = phase === 'set' ? undefined : /->arch\.(\w+)$/.exec(other)?.[1];
  return member !== undefined && (registerNamed(model, member)?.register ?? unlistedIn(member)) === held;
}

/** What a call gives a function that copies one area that it is given to another, as written. */
export interface GivenAreas {
  readonly from: string;
  readonly to: string;
}

/** The areas that the call whose function's name stands at an offset of a file gives it; null for any other word. */
export function givenAreas(model: RegisterModel, path: string, offset: number, callee: GraphNode): GivenAreas | null {
  const caller = functionAt(model, path, offset);
  if (!caller || caller === callee || !isInC(callee)) return null;
  const copy = areaCopies(model, callee).find(({ transfer: { from, to } }) => to && from?.kind === to.kind);
  if (!copy) return null;
  const assigned = functionText(model, callee).slice(offsetIn(callee, copy.transfer.offset));
  const [, to, from] = /^(\w+)(?:->|\.)[\w.]+\s*=\s*(\w+)(?:->|\.)/.exec(assigned) ?? [];
  const given = argumentTexts(functionText(model, caller), offsetIn(caller, offset));
  const valueOf = (name: string | undefined) => given[callee.c.parameters.findIndex((one) => one.name === name)];
  const [toText, fromText] = [valueOf(to), valueOf(from)];
  return toText === undefined || fromText === undefined ? null : { to: toText, from: fromText };
}
