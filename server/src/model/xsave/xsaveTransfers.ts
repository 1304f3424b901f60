import { fileOffset, type GraphNode } from '../callGraph.js';
import type { Phase } from '../../backends/phase.js';
import { UNKNOWN_PLACE, type Place } from '../../backends/place.js';
import { guardTruth, type Guard } from '../../syntax/conditions/guard.js';
import { EMULATOR_OPERATIONS_STRUCT } from '../../facts/symbols/cacheNames.js';
import { siteAt } from '../../facts/xsave/componentFacts.js';
import type { Origin } from '../../facts/xsave/origins.js';
import type { Steps } from '../steps.js';
import { movedParts } from './movedParts.js';
import { orderOf } from './entryOrder.js';
import { shownGuards } from './shownGuards.js';
import { mergeTransfers, type XsaveCandidate } from './mergeTransfers.js';
import { guardsBeyondEntry, callPathsToEntries, type TransferFacts, type CallPath } from './callPaths.js';
import {
  ALL_COMPONENTS,
  type Initiator,
  type Side,
  type Step,
  type XsaveState,
  type XsaveModel,
} from './xsaveModel.js';

/** All transfers of XSAVE state, and what KVM sets from no place, in steps. Those around VM-entry are in its order. */
export function* xsaveTransfers(facts: TransferFacts): Steps<Pick<XsaveModel, 'transfers' | 'settings'>, 'model'> {
  const candidates: XsaveCandidate[] = [];
  for (const path of yield* callPathsToEntries(facts)) {
    yield 'model';
    candidates.push(...candidateTransfers(facts, path));
  }
  yield 'model';
  const merged = mergeTransfers(facts.hardware, candidates);
  return {
    transfers: merged.flatMap((t) => (t.from === null ? [] : [{ ...t, from: t.from }])),
    settings: merged.flatMap((t) => (t.from === null ? [{ ...t, from: t.from }] : [])),
  };
}

function candidateTransfers(facts: TransferFacts, path: CallPath): XsaveCandidate[] {
  const { flow, calls, phase } = path;
  const { node, offset, through, value } = flow;
  const source = facts.sources.get(node.file);
  const move = moveOf(facts, path);
  if (!source || !move) return [];
  const at = fileOffset(node, offset);
  const shown = shownGuardsOf(facts, path);
  const initiators = path.isMsrAccess ? initiatorsUnder(shown.guards) : [];
  const [only, another] = initiators;
  const isGuestsOwn = only === 'guest' && another === undefined;
  return movedParts(facts.components, path, move).map((part) => ({
    ...move,
    ...part,
    ...(isGuestsOwn ? { side: only, phase: 'vm-exit' as const } : {}),
    initiators,
    ...siteAt(source, at),
    statement: at,
    function: node.name,
    ...shown,
    isIfDirty: false,
    call: null,
    isPartial: false,
    other: value,
    isOnEntryPath: phase === 'vm-entry' || phase === 'vm-exit',
    isOnVmFail: false,
    isAddress: false,
    node,
    callers: calls.flatMap(({ edge, guards }) =>
      stepsOf(facts, { node: edge.caller, offset: edge.offset }, edge.callee.name, guards),
    ),
    through: through.flatMap((point) => stepsOf(facts, point, '', [])),
    isOncePerRun: phase === 'ioctl' && !path.isUserspaceTransfer && isOnRun(facts, path),
    order: orderOf(facts, path),
  }));
}

/** Who may have KVM access an MSR under some conditions: tests of `host_initiated` (struct msr_data, asm/kvm_host.h) tell. */
function initiatorsUnder(guards: readonly Guard[]): readonly Initiator[] {
  const isRuledOut = (isUsers: boolean) =>
    guards.some(
      (guard) => guardTruth(guard, ({ text }) => (/\bhost_initiated$/.test(text) ? isUsers : null)) === false,
    );
  const [isNotUsers, isNotGuests] = [isRuledOut(true), isRuledOut(false)];
  return [...(isNotUsers ? [] : (['userspace'] as const)), ...(isNotGuests ? [] : (['guest'] as const))];
}

/** What is moved from where to where, whose it is, and when. */
type Move = Pick<XsaveCandidate, 'state' | 'from' | 'to' | 'side' | 'phase'>;

/** What a path's flow moves; null for what is no transfer between known places. */
function moveOf(facts: TransferFacts, path: CallPath): Move | null {
  const { flow, phase } = path;
  const ends = placesOf(facts, path);
  if (!ends) return null;
  const { from, to } = ends;
  const state = flow.state ?? stateAt(flow.from) ?? stateAt(flow.to) ?? ALL_COMPONENTS;
  if (isHostSaveArea(facts, from, to))
    return { state, from, to: { ...to, kind: 'host', name: `host ${to.name}` }, side: 'host', phase };
  const isOfUserspace = path.isUserspaceTransfer && from?.kind !== 'hardware' && to.kind !== 'hardware';
  const side = isOfUserspace ? 'userspace' : isForHost(from, to, phase) ? 'host' : sideOf(from, to);
  return { state, from, to, side, phase: momentOf(facts, { state, from, to, phase }) };
}

/** The places at both ends of a path's flow; null where one is not known, or both are the same kind. */
function placesOf(facts: TransferFacts, path: CallPath): Pick<Move, 'from' | 'to'> | null {
  const { flow } = path;
  const from = flow.from && placeAt(facts, flow.from, path);
  const to = placeAt(facts, flow.to, path);
  if (!to || (flow.from && !from) || from?.kind === to.kind) return null;
  // What a callee makes up is not known here.
  return from || flow.through.length === 0 ? { from, to } : null;
}

/** The conditions of a path and of its flow; those within what the flow goes through are no part of `conditions`. */
function shownGuardsOf(facts: TransferFacts, { flow, calls }: CallPath): Pick<XsaveCandidate, 'guards' | 'conditions'> {
  const [own = [], first = [], ...inner] = flow.guards;
  const outer = calls.toReversed().flatMap((call) => call.guards);
  const conditions = shownGuards([...outer, ...guardsBeyondEntry(facts, flow.node, own), ...first]);
  return { conditions, guards: shownGuards([...conditions, ...inner.flat()]) };
}

/**
 * Whether a save area is given what is in the registers, or the host's values: that is the host's area, of the same layout and
 * sometimes of the guest's type, from which hardware restores the host at #VMEXIT (APM vol. 2, 15.35.8).
 */
function isHostSaveArea({ hardware }: TransferFacts, from: Place | null, to: Place): boolean {
  const area = hardware.get(to.kind);
  const isArea =
    to.kind === UNKNOWN_PLACE || area?.role === 'launch-area' || (area?.role === 'save-area' && !area.loadsXsaveState);
  return isArea && (from?.kind === 'host' || from?.kind === 'hardware');
}

/** Whether hardware gets a constant after VM-exit: what the host runs with, as IA32_XFD_ERR is cleared then. */
function isForHost(from: Place | null, to: Place, phase: Phase): boolean {
  return from === null && to.kind === 'hardware' && phase === 'vm-exit';
}

/** Whether the path to a flow begins in a function between KVM_RUN and VM-entry. */
function isOnRun({ switches }: TransferFacts, { flow, calls }: CallPath): boolean {
  return switches.has((calls.at(-1)?.edge.caller ?? flow.node).name);
}

function stateAt(origin: Origin | null): XsaveState | null {
  return origin?.kind === 'place' ? origin.state : null;
}

/** A call as a step that is shown; none in a file whose text is not known. */
function stepsOf(
  { sources }: TransferFacts,
  { node, offset }: { readonly node: GraphNode; readonly offset: number },
  callee: string,
  guards: readonly Guard[],
): Step[] {
  const source = sources.get(node.file);
  return source ? [{ ...siteAt(source, fileOffset(node, offset)), function: node.name, callee, guards }] : [];
}

/** When a transfer happens, of which its places may say more than its callers. */
function momentOf({ hardware }: TransferFacts, { state, from, to, phase }: Omit<Move, 'side'>): Phase {
  const target = hardware.get(to.kind);
  if (target?.loadsXsaveState) return 'set';
  if (target?.role === 'launch-area') return 'launch';
  // The host's own value is put down for later.
  const isSnapshot = state !== ALL_COMPONENTS && from?.kind === 'hardware' && to.kind === 'host';
  return isSnapshot && phase !== 'vm-entry' && phase !== 'vm-exit' ? 'other' : phase;
}

const HOST_STATE: Place = { kind: 'host', name: 'task fpstate', register: null };

/** The place that an origin is; null where that is not known. While a guest is entered, its state is what the task has loaded. */
function placeAt(facts: TransferFacts, origin: Origin, path: CallPath): Place | null {
  if (origin.kind === 'place') return origin.place;
  if (origin.kind === 'parameter') return emulatorsPlace(facts, path);
  const { phase } = path;
  const isGuest = origin.kind === 'loaded' && (phase === 'vm-entry' || phase === 'vm-exit');
  if (origin.kind === 'loaded' && !isGuest) return null;
  const place = (isGuest ? facts.guestState : null) ?? HOST_STATE;
  return origin.part === '' ? place : { ...place, name: `${place.name}.${origin.part}` };
}

/** What the emulator gives an operation of its own, or gets from it; null where a path does not begin in one. */
function emulatorsPlace({ graph }: TransferFacts, { flow, calls }: CallPath): Place | null {
  const outermost = calls.at(-1)?.edge.caller ?? flow.node;
  const entry = graph.tables
    .filter(({ struct, file }) => struct === EMULATOR_OPERATIONS_STRUCT && file === outermost.file)
    .flatMap(({ entries }) => entries)
    .find((one) => one.function === outermost.name);
  return entry ? { kind: 'emulator', name: `${EMULATOR_OPERATIONS_STRUCT}.${entry.member}`, register: null } : null;
}

function sideOf(from: Place | null, to: Place): Side {
  const kinds = [from?.kind, to.kind];
  if (kinds.includes('userspace')) return 'userspace';
  return kinds.includes('host') ? 'host' : 'guest';
}
