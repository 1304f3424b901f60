import type { Place, PlaceKind } from '../../backends/place.js';
import { segmentIn } from '../../backends/saveArea.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Move } from '../../facts/registers/moves.js';
import { fileOffset, type GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { areaCopies, isWithinSaveArea } from './areaCopies.js';
import { hardwareKind } from './backends.js';
import { isInC, type CFunction } from './functions.js';
import { isOfGuest, placeOfTree, registerHeld } from './placeUses.js';
import { crossingsOf } from './transfers.js';
import { isOfCacheStruct, unlistedIn } from './unlistedRegisters.js';

/**
 * A register that a function reads or writes in the save area while the register cache has no part in it: what `dump_vmcs` prints, bits of
 * TR that `enter_lmode` changes. `changed`: a part of the old value stays, or may.
 */
export interface AreaUse {
  /** As the manuals call it; a segment by its own name. */
  readonly held: string;
  readonly area: PlaceKind;
  readonly way: 'read' | 'changed' | 'set';
  /** In the file. */
  readonly offset: number;
}

/** What a function does itself with registers in the save area and is no transfer of theirs, in the order of the text; each once a way. */
export function areaUses(model: RegisterModel, node: GraphNode): readonly AreaUse[] {
  return isInC(node) ? usesByFunction(model)(node) : [];
}

const usesByFunction = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly AreaUse[] => {
    const told = new Set([...crossingsOf(model, fn), ...areaCopies(model, fn)].map(({ transfer }) => transfer.offset));
    const uses = fn.c.moves
      .filter(({ offset }) => !told.has(fileOffset(fn, offset)))
      .flatMap((move) => useOf(model, fn, move));
    const changed = new Set(uses.flatMap(({ held, way }) => (way === 'read' ? [] : [held])));
    const shown = uses.filter(({ held, way }) => way !== 'read' || !changed.has(held));
    return [
      ...new Map(shown.toReversed().map((use) => [`${use.way} ${use.area} ${use.held}`, use])).values(),
    ].toReversed();
  }),
);

function useOf(model: RegisterModel, fn: CFunction, found: Move): AreaUse[] {
  // A member of another struct's is no register's place: `kvm_run->debug.arch.dr6`.
  const isAside = found.from !== null && found.to?.kind === 'cache' && !isOfCacheStruct(found.to.name);
  const move = isAside ? { ...found, to: null } : found;
  const named = move.to ?? move.from;
  const place = named && placeOfTree(model, fn, named, move.offset);
  const way = wayOf(model, move);
  if (!place || way === null) return [];
  const held = heldInArea(model, fn, place);
  return held === null ? [] : [{ held, area: place.kind, way, offset: fileOffset(fn, move.offset) }];
}

/** Null for what comes from a place of another kind, or goes to one, which is a transfer, and for an address. */
function wayOf(model: RegisterModel, { from, to, isAddress, isPartial }: Move): AreaUse['way'] | null {
  if (isAddress) return null;
  if (from && to) return isWithinSaveArea(model, from, to) ? 'changed' : null;
  if (isPartial) return 'changed';
  return to ? 'set' : 'read';
}

/** What a place of a save area holds, or which argument of a protocol the function is there for; null for any other place. */
function heldInArea(model: RegisterModel, fn: CFunction, place: Place): string | null {
  const hardware = hardwareKind(model, place.kind);
  if (hardware?.role === 'save-area') return heldIn(model, place);
  return hardware?.role === 'protocol' && hardware.holds === null && fn.c.moves.length === 1 ? argumentOf(place) : null;
}

/** The argument of a protocol without registers of its own that a function is there to read or set: `r10` of `vp_enter_args.r10`. */
function argumentOf({ name }: Place): string {
  return name.split('.').at(-1) ?? name;
}

function heldIn(model: RegisterModel, place: Place): string | null {
  const register = registerHeld(model, place);
  if (register?.class === 'exit-info') return null;
  if (register) return segmentIn(place.name)?.split(' ')[0] ?? register.register;
  return isOfGuest(model, place, null) ? unlistedIn(place.name) : null;
}
