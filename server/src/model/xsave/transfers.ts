import type { CallFact } from '../../facts/calls.js';
import type { Place } from '../../facts/places.js';
import { siteAt } from '../../facts/xsave/componentFacts.js';
import type { Origin } from '../../facts/xsave/origins.js';
import type { SourceText } from '../../syntax/sourceText.js';
import type { CallEdge, CallGraph, GraphNode } from '../callGraph.js';
import type { Phases } from '../phases.js';
import type { Phase } from '../registerModel.js';
import { inOrder } from './order.js';
import { MESSAGE_PREFIX } from '../../facts/xsave/interfaces.js';
import { boundFlows, type BoundFlow, flowReader, isAnchored, isOpen, type Flow } from './flows.js';
import {
  ALL_COMPONENTS,
  type Side,
  type Step,
  type XsaveState,
  type XsaveSetting,
  type XsaveTransfer,
} from './xsaveModel.js';

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
  /** It is part of a transfer to or from userspace. */
  readonly isUsers: boolean;
}

/** Calls between a copy to or from a buffer and the case of its ioctl. */
const MOST_BELOW_IOCTL = 2;

/** How many calls up a caller is looked for that says when a flow happens. */
const FARTHEST = 5;

/** All transfers of XSAVE state, and what KVM sets from no place. Those around VM-entry are in its order. */
export function xsaveTransfers(facts: TransferFacts): {
  readonly transfers: readonly XsaveTransfer[];
  readonly settings: readonly XsaveSetting[];
} {
  const flowsOf = flowReader(facts.graph);
  const flows = facts.graph.nodes
    .filter((node) => node.c !== null && node.c.xsave !== null)
    .flatMap((node) => flowsOf(node).filter(isAnchored));
  const ways = flows.flatMap((flow) => waysTo(facts, flow));
  const told = merged(asUsers(ways).flatMap((way) => toldTransfer(facts, way)));
  return {
    transfers: told.flatMap((t) => (t.from === null ? [] : [{ ...t, from: t.from }])),
    settings: told.flatMap((t) => (t.from === null ? [{ ...t, from: t.from }] : [])),
  };
}

/** The ways to a flow from those of its callers that say when it happens. */
function waysTo(facts: TransferFacts, flow: Flow): Way[] {
  const phase = phaseHere(facts, flow.node, flow.offset) ?? (touchesUser(flow) ? 'ioctl' : null);
  if (phase !== null && !isOpen(flow) && !isBelowIoctl(flow, [])) return [{ flow, calls: [], phase, isUsers: false }];
  const found = climbed(facts, flow, flow, [], new Set([flow.node]));
  return found.length > 0
    ? found
    : [{ flow, calls: [], phase: phase ?? facts.phases.at(flow.node, flow.offset), isUsers: false }];
}

/** Whether a flow goes to or comes from a buffer of userspace's, and no ioctl is named yet. */
function isBelowIoctl(flow: Flow, calls: Way['calls']): boolean {
  const guards = [...flow.guards.flat(), ...calls.flatMap((call) => call.guards)];
  return touchesUser(flow) && !isMessage(flow) && !guards.some((guard) => IOCTL_CASE.test(guard));
}

/** The case of an ioctl (uapi/linux/kvm.h). */
const IOCTL_CASE = /^case KVM_[GS]ET_/;

/** Whether userspace's side is KVM's message of an access to an MSR, which guests send as well. */
function isMessage({ from, to }: Flow): boolean {
  return [from, to].some((origin) => origin?.kind === 'place' && origin.place.name.startsWith(MESSAGE_PREFIX));
}

/**
 * What happens in the statement of a transfer to or from userspace happens in that ioctl, and is told with it: PKRU's value,
 * which KVM_SET_XSAVE takes out of the buffer.
 */
function asUsers(ways: readonly Way[]): Way[] {
  const statement = ({ flow }: Way) => `${flow.node.file} ${String(flow.offset)}`;
  const caller = ({ calls }: Way) => calls[0]?.edge ?? null;
  const users = new Map<string, Way[]>();
  for (const way of ways)
    if (touchesUser(way.flow)) users.set(statement(way), [...(users.get(statement(way)) ?? []), way]);
  return ways.map((way) => {
    const user = users.get(statement(way))?.find((u) => caller(u) === null || caller(u) === caller(way));
    return user ? { ...way, calls: user.calls, phase: 'ioctl', isUsers: true } : way;
  });
}

/** Ways up from a function. `flow` is what the outermost call so far makes of it, `told` the same in the function where it is told. */
function climbed(
  facts: TransferFacts,
  flow: Flow,
  told: Flow,
  calls: Way['calls'],
  seen: ReadonlySet<GraphNode>,
): Way[] {
  if (calls.length >= FARTHEST) return [];
  return facts.graph.callers(flow.node).flatMap((edge): Way[] => {
    if (seen.has(edge.caller)) return [];
    const call = callAt(edge);
    const isBound = call !== null && edge.operation === null;
    return (isBound ? boundFlows(flow, edge.caller, call) : [unbound(flow)]).flatMap((bound) => {
      const next = [...calls, { edge, guards: call ? tellingGuards(facts, edge.caller, call.guards) : [] }];
      const { from, to, value } = bound;
      // Only the nearest call binds what the flow itself is under.
      const [given, ...own] = calls.length === 0 ? bound.guards : [bound.guards[0], ...told.guards];
      const below: Flow = { ...told, from, to, value, guards: [[...(own[0] ?? []), ...given], ...own.slice(1)] };
      const above: Flow = { ...below, node: edge.caller, offset: edge.offset, guards: [call?.guards ?? []] };
      const phase = phaseHere(facts, edge.caller, edge.offset) ?? (touchesUser(above) ? 'ioctl' : null);
      const isUnnamed = isBelowIoctl(above, next) && next.length < MOST_BELOW_IOCTL;
      if ((phase === null && isOpen(above)) || isUnnamed) {
        const further = climbed(facts, above, below, next, new Set([...seen, edge.caller]));
        if (further.length > 0) return further;
      }
      return [{ flow: below, calls: next, phase: phase ?? facts.phases.at(edge.caller, edge.offset), isUsers: false }];
    });
  });
}

/** A flow for a caller that does not say what it gives: through an operation, or in a function that was not read. */
function unbound({ state, from, to, value, guards }: Flow): BoundFlow {
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
  // What a callee makes up is not known here.
  if (!from && flow.through.length > 0) return [];
  // Of the host's save area, which has the same layout, hardware restores the host at #VMEXIT (APM vol. 2, 15.35.8).
  const isHostArea = to.kind === 'vmsa' && (from?.kind === 'host' || from?.kind === 'hardware');
  const isUsers = way.isUsers && from?.kind !== 'hardware' && to.kind !== 'hardware';
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
      ...siteAt(source, flow.offset),
      function: flow.node.name,
      phase: isHostArea ? phase : momentOf(state, from, to, phase),
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
      isOncePerRun: phase === 'ioctl' && !way.isUsers && isOnRun(facts, way),
      order: orderOf(facts, way),
    },
  ];
}

/** Whether the way to a flow begins in a function between KVM_RUN and VM-entry. */
function isOnRun({ switches }: TransferFacts, { flow, calls }: Way): boolean {
  return switches.has((calls.at(-1)?.edge.caller ?? flow.node).name);
}

/** Guards as they are told: each once, KVM's own configuration left out. */
function toldGuards(guards: readonly string[]): string[] {
  return [...new Set(guards.filter((guard) => !KVM_CONFIG.test(guard)).map(plainGuard))];
}

function stateAt(origin: Origin | null): XsaveState | null {
  return origin?.kind === 'place' ? origin.state : null;
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

/** When a transfer happens, of which its places may say more than its callers. */
function momentOf(state: XsaveState, from: Place | null, to: Place, phase: Phase): Phase {
  if (to.kind === 'vmcs') return 'set';
  if (to.kind === 'vmsa') return 'launch';
  // The host's own value is put down for later.
  const isSnapshot = state !== ALL_COMPONENTS && from?.kind === 'hardware' && to.kind === 'host';
  return isSnapshot && phase !== 'vm-entry' && phase !== 'vm-exit' ? 'other' : phase;
}

/** KVM is there: the FPU core has code for it alone. */
const KVM_CONFIG = /^(?:IS_ENABLED\()?CONFIG_KVM\)?$/;

/** `x` of `!(!x)` and of `!(!(x))`. */
function plainGuard(guard: string): string {
  const negated = /^!\(!(.*)\)$/s.exec(guard)?.[1] ?? '';
  const inBrackets = /^\((.*)\)$/s.exec(negated)?.[1];
  if (inBrackets !== undefined && isBalanced(inBrackets)) return inBrackets;
  return /^[\w>.-]+(?:\([^()]*\))?$/.test(negated) ? negated : guard;
}

/** Whether each bracket that is closed was opened before. */
function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return depth === 0;
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
function orderOf(facts: TransferFacts, { flow, calls, phase }: Way): number[] {
  const outermost = calls.at(-1)?.edge.caller ?? flow.node;
  const isAround = phase === 'vm-entry' || phase === 'vm-exit';
  return [
    ...(isAround && !isTop(facts, outermost) ? positionOf(facts, outermost) : []),
    ...calls.toReversed().map(({ edge }) => edge.offset),
    flow.offset,
    ...flow.through.map(({ offset }) => offset),
  ];
}

function positionOf(facts: TransferFacts, node: GraphNode): number[] {
  const { graph, phases } = facts;
  let level: { readonly node: GraphNode; readonly way: readonly number[] }[] = [{ node, way: [] }];
  const seen = new Set([node]);
  for (let distance = 0; distance < FARTHEST_POSITION && level.length > 0; distance++) {
    const above = level.flatMap(({ node: from, way }) =>
      graph.callers(from).map((edge) => ({ node: edge.caller, way: [edge.offset, ...way] })),
    );
    level = above.filter((step) => !seen.has(step.node));
    for (const step of level) seen.add(step.node);
    const top = level.find((step) => phases.entryPath.has(step.node) && isTop(facts, step.node));
    if (top) return [...top.way];
  }
  return [];
}

/** Farther up than any function that runs between VM-entry and the next is from the one that enters. */
const FARTHEST_POSITION = 8;

/** Whether a function on the way to VM-entry is the common code's: it calls the entry as an operation. */
function isTop({ graph, phases }: TransferFacts, node: GraphNode): boolean {
  return graph.callees(node).some((edge) => edge.operation !== null && phases.entryPath.has(edge.callee));
}

/**
 * One transfer for each statement, what it moves and when: its callers together, and of several ways to the same end (XSAVE, or
 * FXSAVE where there is none) the first, under the conditions that all have. Sorted by phase, then by order.
 */
function merged(transfers: readonly ToldTransfer[]): ToldTransfer[] {
  const found = new Map<string, ToldTransfer>();
  for (const t of transfers) {
    const places = [t.from && structOf(t.from), structOf(t.to)];
    const isOfMembers = places.some((name) => name?.endsWith(MEMBERS));
    const where = isOfMembers ? t.function : t.offset;
    const key = JSON.stringify([t.file, where, t.state, places, t.side, t.phase, isOfMembers ? null : t.other]);
    const known = found.get(key);
    found.set(key, known ? together(known, t) : t);
  }
  return [...found.values()].sort(inOrder);
}

/** What stands for several members of a struct. */
const MEMBERS = '.*';

/** A place by name; of a struct that is copied member by member, the struct. */
function structOf({ kind, name }: Place): string {
  return kind === 'userspace' || kind === 'vmsa'
    ? name.replace(/^(kvm_fpu|save)\..*$/, `$1${MEMBERS}`)
    : `${kind} ${name}`;
}

function together(a: ToldTransfer, b: ToldTransfer): ToldTransfer {
  const longer = b.through.length > a.through.length ? b : a;
  const { from, to } = a;
  const whole = <T extends Place | null>(place: T, other: Place | null): T =>
    place && other && place.name !== other.name ? { ...place, name: structOf(place) } : place;
  // Of the callers, those of each KVM_RUN come first.
  const [first, second] = b.isOncePerRun && !a.isOncePerRun ? [b, a] : [a, b];
  return {
    ...a,
    isOncePerRun: first.isOncePerRun,
    from: whole(from, b.from),
    to: whole(to, b.to),
    through: longer.through,
    callers: joined(first.callers, second.callers),
    ...commonGuards(a, b),
  };
}

function commonGuards(a: ToldTransfer, b: ToldTransfer): Pick<ToldTransfer, 'guards' | 'conditions'> {
  return {
    guards: a.guards.filter((guard) => b.guards.includes(guard)),
    conditions: a.conditions.filter((guard) => b.conditions.includes(guard)),
  };
}

function joined(steps: readonly Step[], more: readonly Step[]): Step[] {
  const isKnown = (step: Step) => steps.some((s) => s.file === step.file && s.offset === step.offset);
  return [...steps, ...more.filter((step) => !isKnown(step))];
}
