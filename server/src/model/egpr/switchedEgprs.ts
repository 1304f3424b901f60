import type { Place } from '../../backends/place.js';
import { APX_COMPONENT } from '../../facts/xsave/architecturalComponents.js';
import { slotsPlaceName } from '../../facts/egpr/slotsPlace.js';
import type { RegisterFile } from '../../facts/registers/registerFile.js';
import { guardKey } from '../../syntax/conditions/guard.js';
import { EGPRS } from '../../syntax/x86/registers.js';
import { fileOffset } from '../callGraph.js';
import { groupBy } from '../groupBy.js';
import type { Register } from '../registerModel.js';
import type { LocatedTransfer } from '../registerTransfers.js';
import type { Step, XsaveModel, XsaveTransfer } from '../xsave/xsaveModel.js';

/**
 * XSAVE state with the moves of R16-R31 between hardware and the register cache's slots, which are the APX component's: one
 * transfer for all that one function moves at one time under the same conditions.
 */
export function withSwitchedEgprs(
  xsave: XsaveModel,
  transfers: readonly LocatedTransfer[],
  registers: RegisterFile,
): XsaveModel {
  const component = xsave.components.find(({ number }) => number === APX_COMPONENT);
  const memberOf = (place: Place | null) =>
    place?.kind === 'cache' ? (registers.byName.get(place.register ?? '') ?? null) : null;
  const moves = transfers.flatMap((transfer): SlotMove[] => {
    const { from, to } = transfer;
    const member = from?.kind === 'hardware' ? memberOf(to) : to?.kind === 'hardware' ? memberOf(from) : null;
    return member && EGPRS.has(member.register) ? [{ transfer, member, isLoad: to?.kind === 'hardware' }] : [];
  });
  if (!component || moves.length === 0) return xsave;
  const groups = groupBy(moves, ({ transfer: t, isLoad }) =>
    JSON.stringify([t.file, t.function, t.phase, isLoad, t.call?.line ?? null, t.guards.map(guardKey)]),
  );
  const switched = [...groups.values()].flatMap(([first, ...more]) =>
    first ? [switchTransfer([first, ...more], component.name, registers)] : [],
  );
  return { ...xsave, transfers: [...xsave.transfers, ...switched] };
}

/** A move between a slot and hardware. */
interface SlotMove {
  readonly transfer: LocatedTransfer;
  readonly member: { readonly name: string; readonly register: string };
  readonly isLoad: boolean;
}

function switchTransfer(
  moves: readonly [SlotMove, ...SlotMove[]],
  state: string,
  registers: RegisterFile,
): XsaveTransfer {
  const [{ transfer, isLoad }] = moves;
  const moved = new Set(moves.map(({ member }) => member.register));
  const own = registers.members.filter(({ role, register }) => role === 'register' && moved.has(register));
  const [first = moves[0].member, last = first] = [own[0], own.at(-1)];
  const isRange = own.length > 1;
  const slots: Place = {
    kind: 'cache',
    name: slotsPlaceName({ members: own }, first.name, isRange),
    register: null,
  };
  const range = isRange ? `${first.register}-${last.register}` : first.register;
  const hardware: Place = { kind: 'hardware', name: range, register: null };
  return {
    ...transfer,
    state,
    leftOut: [],
    initiators: [],
    side: 'guest',
    from: isLoad ? slots : hardware,
    to: isLoad ? hardware : slots,
    callers: callersOf(transfer),
    through: [],
    isOncePerRun: false,
    order: orderOf(transfer),
  };
}

/** The call on the way to VM-entry by which a helper comes to move them. */
function callersOf({ call, context, function: callee }: LocatedTransfer): Step[] {
  if (!call || !context) return [];
  return [{ ...call, offset: fileOffset(context.caller, context.offset), callee, guards: context.guards }];
}

/** What assembly does around VM-entry is next to it; what a helper does is where that is called. */
function orderOf({ context, node, phase, offset }: LocatedTransfer): number[] {
  const caller = context?.caller ?? node;
  if (caller.asm !== null) return [phase === 'vm-entry' ? Number.MAX_SAFE_INTEGER : -1, offset];
  return [fileOffset(caller, context?.offset ?? 0), offset];
}

/** XSAVE state with why it is not known what moves R16-R31, where a backend's world switch is not understood, and whether userspace's way to them is. */
export function withUnknownEgprs(xsave: XsaveModel, registers: readonly Register[]): XsaveModel {
  const owners = registers.find(({ register }) => EGPRS.has(register))?.owners ?? [];
  const reasons = owners.flatMap(({ sync, unknown }) =>
    sync === 'unknown' ? [...unknown.load, ...unknown.store] : [],
  );
  const isUserspaceOpen = owners.some(({ missing }) => missing.some(({ kind }) => kind === 'userspace-unknown'));
  if (reasons.length === 0 && !isUserspaceOpen) return xsave;
  const unknown = [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()];
  const components = xsave.components.map((component) =>
    component.number === APX_COMPONENT ? { ...component, unknown, isUserspaceOpen } : component,
  );
  return { ...xsave, components };
}
