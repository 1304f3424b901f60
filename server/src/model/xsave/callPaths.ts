import { fileOffset, type CallEdge, type CallGraph, type GraphNode } from '../callGraph.js';
import type { HardwareKind, Place, PlaceKind } from '../../backends/place.js';
import type { Phase } from '../../backends/transfer.js';
import { hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import type { CallFact } from '../../facts/source/calls.js';
import { MESSAGE_PREFIX } from '../../facts/xsave/stateInterfaces.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import { FARTHEST } from '../callWalk.js';
import type { Phases } from '../phases.js';
import {
  instantiateEntry,
  summaryReader,
  isAnchored,
  isOpen,
  type InstantiatedEntry,
  type SummaryEntry,
} from './summaries.js';

/** What transfers are derived from. */
export interface TransferFacts {
  readonly graph: CallGraph;
  readonly phases: Phases;
  /** Functions and operations on the way from an ioctl to VM-entry. */
  readonly switches: ReadonlySet<string>;
  readonly sources: ReadonlyMap<string, SourceText>;
  /** What is known of a kind of place that is a backend's. Not of those that every tree has. */
  readonly hardware: ReadonlyMap<PlaceKind, HardwareKind>;
  /** Where a guest's FPU state is in memory while its task has it loaded. */
  readonly guestState: Place;
}

/** A flow with the calls that lead to it, nearest first, and where that way begins. */
export interface CallPath {
  readonly flow: SummaryEntry;
  readonly calls: readonly { readonly edge: CallEdge; readonly guards: readonly Guard[] }[];
  readonly phase: Phase;
  /** It is part of a transfer to or from userspace. */
  readonly isUserspaceTransfer: boolean;
}

/** The ways to all flows of a tree, each told in the function where its places are known. */
export function callPathsToEntries(facts: TransferFacts): CallPath[] {
  const flowsOf = summaryReader(facts.graph);
  const flows = facts.graph.nodes
    .filter((node) => node.c !== null && node.c.xsave !== null)
    .flatMap((node) => flowsOf(node).filter(isAnchored));
  return withUserspacePaths(flows.flatMap((flow) => callPathsTo(facts, flow)));
}

/** The ways to a flow from those of its callers that say when it happens. */
function callPathsTo(facts: TransferFacts, flow: SummaryEntry): CallPath[] {
  const phase = phaseHere(facts, flow.node, flow.offset) ?? (touchesUser(flow) ? 'ioctl' : null);
  if (phase !== null && !isOpen(flow) && !isBelowIoctl(flow, []))
    return [{ flow, calls: [], phase, isUserspaceTransfer: false }];
  const found = climbCallers(facts, flow, flow, [], new Set([flow.node]));
  return found.length > 0
    ? found
    : [{ flow, calls: [], phase: phase ?? facts.phases.at(flow.node, flow.offset), isUserspaceTransfer: false }];
}

/** Whether a flow goes to or comes from a buffer of userspace's, and no ioctl is named yet. */
function isBelowIoctl(flow: SummaryEntry, calls: CallPath['calls']): boolean {
  const guards = [...flow.guards.flat(), ...calls.flatMap((call) => call.guards)];
  return touchesUser(flow) && !isMessage(flow) && !guards.some(isIoctlCase);
}

/** Whether a guard is the case of an ioctl (uapi/linux/kvm.h). */
function isIoctlCase(guard: Guard): boolean {
  return guard.kind === 'case' && /^KVM_[GS]ET_/.test(guard.labels[0] ?? '');
}

/** Whether userspace's side is KVM's message of an access to an MSR, which guests send as well. */
function isMessage({ from, to }: SummaryEntry): boolean {
  return [from, to].some((origin) => origin?.kind === 'place' && origin.place.name.startsWith(MESSAGE_PREFIX));
}

/**
 * What happens in the statement of a transfer to or from userspace happens in that ioctl, and is told with it: PKRU's value,
 * which KVM_SET_XSAVE takes out of the buffer.
 */
function withUserspacePaths(ways: readonly CallPath[]): CallPath[] {
  const statement = ({ flow }: CallPath) => `${flow.node.file} ${String(fileOffset(flow.node, flow.offset))}`;
  const caller = ({ calls }: CallPath) => calls[0]?.edge ?? null;
  const users = new Map<string, CallPath[]>();
  for (const way of ways)
    if (touchesUser(way.flow)) users.set(statement(way), [...(users.get(statement(way)) ?? []), way]);
  return ways.map((way) => {
    const user = users.get(statement(way))?.find((u) => caller(u) === null || caller(u) === caller(way));
    return user ? { ...way, calls: user.calls, phase: 'ioctl', isUserspaceTransfer: true } : way;
  });
}

/** Ways up from a function. `flow` is what the outermost call so far makes of it, `told` the same in the function where it is told. */
function climbCallers(
  facts: TransferFacts,
  flow: SummaryEntry,
  told: SummaryEntry,
  calls: CallPath['calls'],
  seen: ReadonlySet<GraphNode>,
): CallPath[] {
  if (calls.length >= FARTHEST.assignmentToMoment) return [];
  return facts.graph.callers(flow.node).flatMap((edge): CallPath[] => {
    if (seen.has(edge.caller)) return [];
    const call = callAt(edge);
    const isBound = call !== null && edge.operation === null;
    return (isBound ? instantiateEntry(flow, edge.caller, call) : [unbound(flow)]).flatMap((bound) => {
      const next = [...calls, { edge, guards: call ? tellingGuards(facts, edge.caller, call.guards) : [] }];
      const { from, to, value } = bound;
      // Only the nearest call binds what the flow itself is under.
      const [given, ...own] = calls.length === 0 ? bound.guards : [bound.guards[0], ...told.guards];
      const below: SummaryEntry = {
        ...told,
        from,
        to,
        value,
        guards: [[...(own[0] ?? []), ...given], ...own.slice(1)],
      };
      const above: SummaryEntry = { ...below, node: edge.caller, offset: edge.offset, guards: [call?.guards ?? []] };
      const phase = phaseHere(facts, edge.caller, edge.offset) ?? (touchesUser(above) ? 'ioctl' : null);
      const isUnnamed = isBelowIoctl(above, next) && next.length < FARTHEST.copyToIoctl;
      if ((phase === null && isOpen(above)) || isUnnamed) {
        const further = climbCallers(facts, above, below, next, new Set([...seen, edge.caller]));
        if (further.length > 0) return further;
      }
      return [
        {
          flow: below,
          calls: next,
          phase: phase ?? facts.phases.at(edge.caller, edge.offset),
          isUserspaceTransfer: false,
        },
      ];
    });
  });
}

/** A flow for a caller that does not say what it gives: through an operation, or in a function that was not read. */
function unbound({ state, from, to, value, guards }: SummaryEntry): InstantiatedEntry {
  return { state, from, to, value, guards: [[], ...guards] };
}

function callAt({ caller, callee, offset, operation }: CallEdge): CallFact | null {
  const named = (caller.c?.callFacts ?? []).filter(
    (call) =>
      call.callee === callee.name || (operation !== null && call.isOperation && call.callee.endsWith(operation)),
  );
  return named.findLast((call) => call.offset <= offset) ?? null;
}

/** When code of a function runs, where the function itself says it: on the way to VM-entry, above it, in an ioctl, at reset. */
function phaseHere({ phases, switches }: TransferFacts, node: GraphNode, offset: number): Phase | null {
  if (phases.entryPath.has(node) || phases.hasOwnContext(node)) return phases.at(node, offset);
  return switches.has(node.name) ? 'ioctl' : null;
}

/** Conditions of a call that VM-entry in the same function is not under: the others say nothing more. */
export function tellingGuards(
  { switches }: TransferFacts,
  caller: GraphNode,
  guards: readonly Guard[],
): readonly Guard[] {
  const entry = caller.c?.callFacts.find((call) => switches.has(call.callee));
  return entry && switches.has(caller.name) ? guards.filter((guard) => !hasGuard(entry.guards, guard)) : guards;
}

function touchesUser({ from, to }: SummaryEntry): boolean {
  return [from, to].some((origin) => origin?.kind === 'place' && origin.place.kind === 'userspace');
}
