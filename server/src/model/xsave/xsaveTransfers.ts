import { fileOffset, type GraphNode } from '../callGraph.js';
import type { Phase } from '../../backends/transfer.js';
import type { Place } from '../../backends/place.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { siteAt } from '../../facts/xsave/componentFacts.js';
import type { Origin } from '../../facts/xsave/origins.js';
import { orderOf } from './entryOrder.js';
import type { SummaryEntry } from './summaries.js';
import { toldGuards } from './guardText.js';
import { mergeTransfers, type XsaveCandidate } from './mergedTransfers.js';
import { tellingGuards, callPathsToEntries, type TransferFacts, type CallPath } from './callPaths.js';
import {
  ALL_COMPONENTS,
  type Side,
  type Step,
  type XsaveState,
  type XsaveSetting,
  type XsaveTransfer,
} from './xsaveModel.js';

/** All transfers of XSAVE state, and what KVM sets from no place. Those around VM-entry are in its order. */
export function xsaveTransfers(facts: TransferFacts): {
  readonly transfers: readonly XsaveTransfer[];
  readonly settings: readonly XsaveSetting[];
} {
  const told = mergeTransfers(
    facts.hardware,
    callPathsToEntries(facts).flatMap((way) => candidateTransfers(facts, way)),
  );
  return {
    transfers: told.flatMap((t) => (t.from === null ? [] : [{ ...t, from: t.from }])),
    settings: told.flatMap((t) => (t.from === null ? [{ ...t, from: t.from }] : [])),
  };
}

function candidateTransfers(facts: TransferFacts, way: CallPath): XsaveCandidate[] {
  const { flow, calls, phase } = way;
  const source = facts.sources.get(flow.node.file);
  const from = flow.from && placeAt(facts, flow.from, way);
  const to = placeAt(facts, flow.to, way);
  if (!source || !to || (flow.from && !from) || from?.kind === to.kind) return [];
  // What a callee makes up is not known here.
  if (!from && flow.through.length > 0) return [];
  const isHostArea = isHostSaveArea(facts, from, to);
  const isUsers = way.isUserspaceTransfer && from?.kind !== 'hardware' && to.kind !== 'hardware';
  const side = isHostArea ? 'host' : isUsers ? 'userspace' : sideOf(from, to);
  const [own = [], first = [], ...inner] = flow.guards;
  const outer = calls.toReversed().flatMap((call) => call.guards);
  const conditions = toldGuards([...outer, ...tellingGuards(facts, flow.node, own), ...first]);
  const guards = toldGuards([...conditions, ...inner.flat()]);
  const state = flow.state ?? stateAt(flow.from) ?? stateAt(flow.to) ?? ALL_COMPONENTS;
  return [
    {
      state,
      side,
      from,
      to: isHostArea ? { ...to, kind: 'host', name: `host ${to.name}` } : to,
      ...siteAt(source, fileOffset(flow.node, flow.offset)),
      statement: fileOffset(flow.node, flow.offset),
      function: flow.node.name,
      phase: isHostArea ? phase : momentOf(facts, { state, from, to, phase }),
      guards,
      isIfDirty: false,
      call: null,
      isPartial: false,
      conditions,
      other: flow.value,
      isOnEntryPath: phase === 'vm-entry' || phase === 'vm-exit',
      node: flow.node,
      callers: calls.flatMap(({ edge, guards: own }) => stepOf(facts, edge.caller, edge.offset, edge.callee.name, own)),
      through: throughSteps(facts, flow),
      isOncePerRun: phase === 'ioctl' && !way.isUserspaceTransfer && isOnRun(facts, way),
      order: orderOf(facts, way),
    },
  ];
}

/**
 * Whether a save area is given what is in the registers, or the host's values: that is the host's area, of the same layout and
 * sometimes of the guest's type, from which hardware restores the host at #VMEXIT (APM vol. 2, 15.35.8).
 */
function isHostSaveArea({ hardware }: TransferFacts, from: Place | null, to: Place): boolean {
  const area = hardware.get(to.kind);
  const isArea = area?.role === 'launch-area' || (area?.role === 'save-area' && !area.loadsXsaveState);
  return isArea && (from?.kind === 'host' || from?.kind === 'hardware');
}

/** Whether the way to a flow begins in a function between KVM_RUN and VM-entry. */
function isOnRun({ switches }: TransferFacts, { flow, calls }: CallPath): boolean {
  return switches.has((calls.at(-1)?.edge.caller ?? flow.node).name);
}

function stateAt(origin: Origin | null): XsaveState | null {
  return origin?.kind === 'place' ? origin.state : null;
}

function throughSteps(facts: TransferFacts, flow: SummaryEntry): Step[] {
  return flow.through.flatMap(({ node, offset }) => stepOf(facts, node, offset, '', []));
}

function stepOf(
  { sources }: TransferFacts,
  node: GraphNode,
  offset: number,
  callee: string,
  guards: readonly Guard[],
): Step[] {
  const source = sources.get(node.file);
  return source ? [{ ...siteAt(source, fileOffset(node, offset)), function: node.name, callee, guards }] : [];
}

/** When a transfer happens, of which its places may say more than its callers. */
function momentOf(
  { hardware }: TransferFacts,
  { state, from, to, phase }: Pick<XsaveCandidate, 'state' | 'from' | 'to' | 'phase'>,
): Phase {
  const target = hardware.get(to.kind);
  if (target?.loadsXsaveState) return 'set';
  if (target?.role === 'launch-area') return 'launch';
  // The host's own value is put down for later.
  const isSnapshot = state !== ALL_COMPONENTS && from?.kind === 'hardware' && to.kind === 'host';
  return isSnapshot && phase !== 'vm-entry' && phase !== 'vm-exit' ? 'other' : phase;
}

const HOST_STATE: Place = { kind: 'host', name: 'task fpstate', register: null };

/** The place that an origin is; null where that is not known. While a guest is entered, its state is what the task has loaded. */
function placeAt({ guestState }: TransferFacts, origin: Origin, { phase }: CallPath): Place | null {
  if (origin.kind === 'place') return origin.place;
  if (origin.kind === 'parameter') return null;
  const isGuest = origin.kind === 'loaded' && (phase === 'vm-entry' || phase === 'vm-exit');
  if (origin.kind === 'loaded' && !isGuest) return null;
  const place = isGuest ? guestState : HOST_STATE;
  return origin.part === '' ? place : { ...place, name: `${place.name}.${origin.part}` };
}

function sideOf(from: Place | null, to: Place): Side {
  const kinds = [from?.kind, to.kind];
  if (kinds.includes('userspace')) return 'userspace';
  return kinds.includes('host') ? 'host' : 'guest';
}
