import { fileOffset, type CallEdge, type CallGraph, type GraphNode } from '../callGraph.js';
import type { HardwareKind, Place, PlaceKind } from '../../backends/place.js';
import type { Phase } from '../../backends/phase.js';
import { hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import type { CallFact } from '../../facts/source/calls.js';
import { MESSAGE_PREFIX } from '../../facts/xsave/stateInterfaces.js';
import type { ComponentFacts } from '../../facts/xsave/componentFacts.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import { FARTHEST } from '../callWalk.js';
import type { Phases } from '../phases.js';
import type { Steps } from '../steps.js';
import { componentsOfMsr } from '../../facts/xsave/componentMsrs.js';
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
  readonly components: ComponentFacts;
  /** What is known of a kind of place that is a backend's. Not of those that every tree has. */
  readonly hardware: ReadonlyMap<PlaceKind, HardwareKind>;
  /** Where a guest's FPU state is in memory while its task has it loaded. */
  readonly guestState: Place | null;
}

/** A flow with the calls that lead to it, nearest first, and when the outermost of them happens. */
export interface CallPath {
  readonly flow: SummaryEntry;
  readonly calls: readonly { readonly edge: CallEdge; readonly guards: readonly Guard[] }[];
  readonly phase: Phase;
  /** It is part of a transfer to or from userspace. */
  readonly isUserspaceTransfer: boolean;
  /** It is part of an access to an MSR, userspace's or the guest's own. */
  readonly isMsrAccess: boolean;
}

/** The paths to all flows of a tree, in steps, one for each function; each flow as it is in the function where its places are known. */
export function* callPathsToEntries(facts: TransferFacts): Steps<CallPath[], 'model'> {
  const flowsOf = summaryReader(facts.graph, facts.components.bitsOf);
  const paths: CallPath[] = [];
  for (const node of facts.graph.tellingNodes) {
    if (!node.c?.xsave) continue;
    yield 'model';
    for (const flow of flowsOf(node)) if (isAnchored(flow)) paths.push(...callPathsTo(facts, flow));
  }
  yield 'model';
  return withUserspacePaths(paths);
}

/** The paths to a flow from those of its callers that say when it happens. */
function callPathsTo(facts: TransferFacts, flow: SummaryEntry): CallPath[] {
  const phase = phaseHere(facts, flow.node, flow.offset) ?? (touchesUser(flow) ? 'ioctl' : null);
  if (phase !== null && !isOpen(flow) && !isUnnamed(flow, [])) return [pathOf({ flow, calls: [], phase })];
  const found = pathsFromCallers(facts, { flow, inCaller: flow, calls: [], seen: new Set([flow.node]) });
  return found.length > 0
    ? found
    : [pathOf({ flow, calls: [], phase: phase ?? phaseAbove(facts, flow.node, flow.offset) })];
}

/** A path of which nothing else is known yet. */
function pathOf(path: Pick<CallPath, 'flow' | 'calls' | 'phase'>): CallPath {
  return { ...path, isUserspaceTransfer: false, isMsrAccess: false };
}

/** Whether nothing says yet what a flow is for: the ioctl, of one to or from a buffer of userspace's; the MSR, of one by its number. */
function isUnnamed(flow: SummaryEntry, calls: CallPath['calls']): boolean {
  const guards = [...flow.guards.flat(), ...calls.flatMap((call) => call.guards)];
  if (flow.msr !== undefined) return componentsOfMsr(flow.msr, guards).length === 0;
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
 * What happens in the statement of a transfer to or from userspace happens in that ioctl, and is shown with it: PKRU's value,
 * which KVM_SET_XSAVE takes out of the buffer.
 */
function withUserspacePaths(paths: readonly CallPath[]): CallPath[] {
  const statement = ({ flow }: CallPath) => `${flow.node.file} ${String(fileOffset(flow.node, flow.offset))}`;
  const caller = ({ calls }: CallPath) => calls[0]?.edge ?? null;
  const users = new Map<string, CallPath[]>();
  for (const path of paths)
    if (touchesUser(path.flow)) users.set(statement(path), [...(users.get(statement(path)) ?? []), path]);
  return paths.map((path) => {
    const isSame = (user: CallPath) => caller(user) === null || caller(user) === caller(path);
    const user = touchesUser(path.flow) ? path : users.get(statement(path))?.find(isSame);
    return user
      ? { ...path, calls: user.calls, phase: 'ioctl', isUserspaceTransfer: true, isMsrAccess: isMessage(user.flow) }
      : path;
  });
}

/** The lower end of a path: what is known of a flow after some calls. */
interface PathEnd {
  /** The flow in its own function, with what the calls say of it. */
  readonly flow: SummaryEntry;
  /** The same as the outermost function of the calls sees it; the flow itself before the first call. */
  readonly inCaller: SummaryEntry;
  readonly calls: CallPath['calls'];
  /** The functions of the calls. */
  readonly seen: ReadonlySet<GraphNode>;
}

function pathsFromCallers(facts: TransferFacts, end: PathEnd): CallPath[] {
  if (end.calls.length >= FARTHEST.assignmentToMoment) return [];
  return facts.graph.callers(end.inCaller.node).flatMap((edge): CallPath[] => {
    if (end.seen.has(edge.caller)) return [];
    const call = callAt(edge);
    // What a function that was not read gives decides whether it happens: not known.
    if (call === null && edge.operation === null && isOpen(end.inCaller)) return [];
    // What an operation is given, its implementation is.
    const bound = call
      ? instantiateEntry(end.inCaller, edge.caller, { call, valueOf: facts.components.bitsOf })
      : [withoutArguments(end.inCaller)];
    return bound.flatMap((one) => pathsBehindCall(facts, withCall(facts, end, { edge, call, bound: one })));
  });
}

/** A call of the outermost function so far, and what it makes of the flow. */
interface BoundCall {
  readonly edge: CallEdge;
  readonly call: CallFact | null;
  readonly bound: InstantiatedEntry;
}

/** A path's end after one call more. */
function withCall(facts: TransferFacts, { flow, calls, seen }: PathEnd, { edge, call, bound }: BoundCall): PathEnd {
  const { caller, offset } = edge;
  const { from, to, value, leftOut, msr } = bound;
  // Only the nearest call binds what the flow itself is under.
  const [given, ...own] = calls.length === 0 ? bound.guards : [bound.guards[0], ...flow.guards];
  const guards = [[...(own[0] ?? []), ...given], ...own.slice(1)];
  const next: SummaryEntry = { ...flow, from, to, value, leftOut, ...(msr === undefined ? {} : { msr }), guards };
  return {
    flow: next,
    inCaller: { ...next, node: caller, offset, guards: [call?.guards ?? []] },
    calls: [...calls, { edge, guards: call ? guardsBeyondEntry(facts, caller, call.guards) : [] }],
    seen: new Set([...seen, caller]),
  };
}

/** The paths that begin at or above the outermost call of an end. */
function pathsBehindCall(facts: TransferFacts, end: PathEnd): CallPath[] {
  const { flow, inCaller, calls } = end;
  const phase = phaseHere(facts, inCaller.node, inCaller.offset) ?? (touchesUser(inCaller) ? 'ioctl' : null);
  const goesOn = isUnnamed(inCaller, calls) && calls.length < FARTHEST.copyToIoctl;
  if ((phase === null && isOpen(inCaller)) || goesOn) {
    const further = pathsFromCallers(facts, end);
    if (further.length > 0) return further;
  }
  const moment = phase ?? phaseAbove(facts, inCaller.node, inCaller.offset);
  return [pathOf({ flow, calls, phase: moment })];
}

/** A flow for a caller that does not say what it gives: through an operation, or in a function that was not read. */
function withoutArguments({ guards, ...entry }: SummaryEntry): InstantiatedEntry {
  return { ...entry, guards: [[], ...guards] };
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

/** When code of a function runs, as its callers say it: what also others than those of a reset need is no part of one (`kvm_arch_vcpu_put`). */
function phaseAbove({ phases }: TransferFacts, node: GraphNode, offset: number): Phase {
  const phase = phases.at(node, offset);
  return phase === 'reset' && !phases.isOfOnePhase(node) ? 'other' : phase;
}

/** Conditions of a call that VM-entry in the same function is not under: the others say nothing more. */
export function guardsBeyondEntry(
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
