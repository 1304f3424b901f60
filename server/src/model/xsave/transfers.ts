import type { CallFact } from '../../facts/calls.js';
import type { Place } from '../../facts/places.js';
import { siteAt } from '../../facts/xsave/componentFacts.js';
import type { Origin } from '../../facts/xsave/origins.js';
import type { SourceText } from '../../syntax/sourceText.js';
import type { CallEdge, CallGraph, GraphNode } from '../callGraph.js';
import type { Phases } from '../phases.js';
import type { Phase } from '../registerModel.js';
import { boundFlows, flowReader, isAnchored, isOpen, type Flow } from './flows.js';
import { ALL_COMPONENTS, type Side, type Step, type XsaveSetting, type XsaveTransfer } from './xsaveModel.js';

/** What transfers are derived from. */
export interface TransferFacts {
  readonly graph: CallGraph;
  readonly phases: Phases;
  /** Functions and operations on the way from an ioctl to VM-entry. */
  readonly switches: ReadonlySet<string>;
  readonly sources: ReadonlyMap<string, SourceText>;
}

/** A flow with the calls that lead to it, nearest first, and where that way begins. */
interface Way {
  readonly flow: Flow;
  readonly calls: readonly { readonly edge: CallEdge; readonly guards: readonly string[] }[];
  readonly phase: Phase;
}

/** How many calls up a caller is looked for that says when a flow happens. */
const FARTHEST = 5;

/** All transfers of XSAVE state, and what KVM sets from no place. Those around VM-entry are in its order. */
export function xsaveTransfers(facts: TransferFacts): {
  readonly transfers: readonly XsaveTransfer[];
  readonly settings: readonly XsaveSetting[];
} {
  const flowsOf = flowReader(facts.graph);
  const ways = facts.graph.nodes
    .filter((node) => node.c !== null && node.c.callFacts.length + (node.c.xsave?.moves.length ?? 0) > 0)
    .flatMap((node) => flowsOf(node).filter(isAnchored))
    .flatMap((flow) => waysTo(facts, flow));
  const told = merged(ways.flatMap((way) => toldTransfer(facts, way)));
  return {
    transfers: told.flatMap((t) => (t.from === null ? [] : [{ ...t, from: t.from }])),
    settings: told.flatMap((t) => (t.from === null ? [{ ...t, from: t.from }] : [])),
  };
}

/** The ways to a flow from those of its callers that say when it happens. */
function waysTo(facts: TransferFacts, flow: Flow): Way[] {
  const phase = phaseHere(facts, flow.node, flow.offset) ?? (touchesUser(flow) ? 'ioctl' : null);
  if (phase !== null && !isOpen(flow)) return [{ flow, calls: [], phase }];
  const found = climbed(facts, flow, flow, [], new Set([flow.node]));
  return found.length > 0 ? found : [{ flow, calls: [], phase: phase ?? facts.phases.at(flow.node, flow.offset) }];
}

/**
 * Ways up from a function. `flow` is what the outermost call so far makes of it, `origin` the flow where it is told.
 */
function climbed(
  facts: TransferFacts,
  flow: Flow,
  origin: Flow,
  calls: Way['calls'],
  seen: ReadonlySet<GraphNode>,
): Way[] {
  if (calls.length >= FARTHEST) return [];
  return facts.graph.callers(flow.node).flatMap((edge): Way[] => {
    if (seen.has(edge.caller)) return [];
    const call = callAt(edge);
    const bound = call && edge.operation === null ? boundFlows(flow, edge.caller, call) : [unbound(flow, edge)];
    return bound.flatMap((above) => {
      const guards = call ? tellingGuards(facts, edge.caller, call.guards) : [];
      const next = [...calls, { edge, guards }];
      const phase = phaseHere(facts, edge.caller, edge.offset) ?? (touchesUser(above) ? 'ioctl' : null);
      const told = { ...origin, from: above.from, to: above.to, value: above.value, guards: above.guards };
      const own = { ...told, guards: ownGuards(above, call) };
      if (phase === null && isOpen(above)) {
        const further = climbed(facts, above, own, next, new Set([...seen, edge.caller]));
        if (further.length > 0) return further;
      }
      return [{ flow: own, calls: next, phase: phase ?? facts.phases.at(edge.caller, edge.offset) }];
    });
  });
}

/** A flow as a caller has it that does not say what it gives: through an operation, or in a function that was not read. */
function unbound(flow: Flow, { caller, offset }: CallEdge): Flow {
  return { ...flow, node: caller, offset };
}

/** The guards that a bound flow has of its own, without those of the call. */
function ownGuards({ guards }: Flow, call: CallFact | null): readonly string[] {
  return call ? guards.filter((guard) => !call.guards.includes(guard)) : guards;
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
function tellingGuards({ switches }: TransferFacts, caller: GraphNode, guards: readonly string[]): readonly string[] {
  const entry = caller.c?.callFacts.find((call) => switches.has(call.callee));
  return entry && switches.has(caller.name) ? guards.filter((guard) => !entry.guards.includes(guard)) : guards;
}

function touchesUser({ from, to }: Flow): boolean {
  return [from, to].some((origin) => origin?.kind === 'place' && origin.place.kind === 'userspace');
}

type ToldTransfer = Omit<XsaveTransfer, 'from'> & { readonly from: Place | null };

function toldTransfer(facts: TransferFacts, way: Way): ToldTransfer[] {
  const { flow, calls, phase } = way;
  const source = facts.sources.get(flow.node.file);
  const from = flow.from && placeAt(flow.from, way);
  const to = placeAt(flow.to, way);
  if (!source || !to || (flow.from && !from) || from?.kind === to.kind) return [];
  const side = sideOf(from, to);
  const isSaveArea = side === 'host' && (to.kind === 'vmsa' || to.kind === 'vmcb');
  const guards = [
    ...calls.toReversed().flatMap((call) => call.guards),
    ...tellingGuards(facts, flow.node, flow.guards),
  ].map(plainGuard);
  const state = flow.state ?? ALL_COMPONENTS;
  return [
    {
      state,
      side,
      from,
      to: isSaveArea ? { ...to, kind: 'host' } : to,
      ...siteAt(source, flow.offset),
      function: flow.node.name,
      phase: to.kind === 'vmsa' && !isSaveArea ? 'launch' : phase,
      guards: [...new Set(guards)],
      isIfDirty: false,
      conditions: [...new Set(guards)],
      other: flow.value,
      isOnEntryPath: phase === 'vm-entry' || phase === 'vm-exit',
      node: flow.node,
      callers: calls.flatMap(({ edge, guards: own }) => stepOf(facts, edge.caller, edge.offset, edge.callee.name, own)),
      through: throughSteps(facts, flow),
      order: orderOf(facts, way),
    },
  ];
}

function throughSteps(facts: TransferFacts, flow: Flow): Step[] {
  return flow.through.flatMap(({ node, offset }) => stepOf(facts, node, offset, '', []));
}

function stepOf(
  { sources }: TransferFacts,
  node: GraphNode,
  offset: number,
  callee: string,
  guards: readonly string[],
): Step[] {
  const source = sources.get(node.file);
  return source ? [{ ...siteAt(source, offset), function: node.name, callee, guards: guards.map(plainGuard) }] : [];
}

/** `x` of `!(!x)`. */
function plainGuard(guard: string): string {
  return /^!\(!([\w>.-]+(?:\([^()]*\))?)\)$/.exec(guard)?.[1] ?? guard;
}

const GUEST_STATE: Place = { kind: 'fpstate', name: 'arch.guest_fpu', register: null };
const HOST_STATE: Place = { kind: 'host', name: 'task fpstate', register: null };

/** The place that an origin is; null where that is not known. While a guest is entered, its state is what the task has loaded. */
function placeAt(origin: Origin, { phase }: Way): Place | null {
  if (origin.kind === 'place') return origin.place;
  if (origin.kind === 'parameter') return null;
  const isGuest = origin.kind === 'loaded' && (phase === 'vm-entry' || phase === 'vm-exit');
  if (origin.kind === 'loaded' && !isGuest) return null;
  const place = isGuest ? GUEST_STATE : HOST_STATE;
  return origin.part === '' ? place : { ...place, name: `${place.name}.${origin.part}` };
}

function sideOf(from: Place | null, to: Place): Side {
  const kinds = [from?.kind, to.kind];
  if (kinds.includes('userspace')) return 'userspace';
  return kinds.includes('host') ? 'host' : 'guest';
}

/** Offsets of the calls to a flow, from the outermost function on the way to VM-entry down. */
function orderOf(facts: TransferFacts, { flow, calls }: Way): number[] {
  const outermost = calls.at(-1)?.edge.caller ?? flow.node;
  return [
    ...positionOf(facts, outermost, new Set()),
    ...calls.toReversed().map(({ edge }) => edge.offset),
    flow.offset,
    ...flow.through.map(({ offset }) => offset),
  ];
}

function positionOf(facts: TransferFacts, node: GraphNode, seen: Set<GraphNode>): number[] {
  seen.add(node);
  const edge = facts.graph
    .callers(node)
    .find(({ caller }) => facts.phases.entryPath.has(caller) && facts.phases.entryPath.has(node) && !seen.has(caller));
  return edge ? [...positionOf(facts, edge.caller, seen), edge.offset] : [];
}

/** Ways that are told in the same words are one transfer with several callers. Sorted by phase, then by order. */
function merged(transfers: readonly ToldTransfer[]): ToldTransfer[] {
  const found = new Map<string, ToldTransfer>();
  for (const t of transfers) {
    const key = JSON.stringify([t.file, t.offset, t.state, t.from, t.to, t.side, t.phase, t.guards]);
    const known = found.get(key);
    found.set(key, known ? { ...known, callers: joined(known.callers, t.callers) } : t);
  }
  return [...found.values()].sort(byOrder);
}

function joined(steps: readonly Step[], more: readonly Step[]): Step[] {
  const isKnown = (step: Step) => steps.some((s) => s.file === step.file && s.offset === step.offset);
  return [...steps, ...more.filter((step) => !isKnown(step))];
}

const PHASE_ORDER: readonly Phase[] = ['vm-entry', 'vm-exit', 'ioctl', 'on-demand', 'set', 'launch', 'reset'];

function byOrder(a: ToldTransfer, b: ToldTransfer): number {
  const rank = ({ phase }: ToldTransfer) =>
    PHASE_ORDER.includes(phase) ? PHASE_ORDER.indexOf(phase) : PHASE_ORDER.length;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  for (let i = 0; i < Math.max(a.order.length, b.order.length); i++) {
    const difference = (a.order[i] ?? -1) - (b.order[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
