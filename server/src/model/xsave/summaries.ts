import { distinctGuards, testedValue, type Guard } from '../../syntax/conditions/guard.js';
import type { CallFact } from '../../facts/source/calls.js';
import { VCPU_STRUCT } from '../../facts/symbols/cacheNames.js';
import { partOf, type GuardedOrigin, type Origin } from '../../facts/xsave/origins.js';
import type { StateMove } from '../../facts/xsave/stateMove.js';
import type { StateCall } from '../../facts/xsave/stateMoves.js';
import type { CallGraph, GraphNode } from '../callGraph.js';
import { FARTHEST } from '../callWalk.js';
import { guardsLeftOpen, type ConstantValue } from './givenConstants.js';

/** A place in a function. */
interface SummaryStep {
  readonly node: GraphNode;
  readonly offset: number;
}

/** What of a move its callers may say more of. */
type MoveParts = 'state' | 'components' | 'leftOut' | 'msr' | 'from' | 'to' | 'value';

/** A value's way as one function, with all that it calls, says it. What a caller decides is still open. */
export interface SummaryEntry extends Pick<StateMove, MoveParts> {
  readonly node: GraphNode;
  readonly offset: number;
  /** The conditions in the function itself, then those in each of its callees on the way. */
  readonly guards: readonly (readonly Guard[])[];
  /** Where in its callees it is done, down to the instruction or the copy. */
  readonly through: readonly SummaryStep[];
}

/** Gives the flows of functions, each once. */
export function summaryReader(graph: CallGraph, valueOf: ConstantValue): (node: GraphNode) => readonly SummaryEntry[] {
  const known = new Map<GraphNode, readonly SummaryEntry[]>();
  const definitions = definitionsIn(graph);
  const read = (node: GraphNode, depth: number): readonly SummaryEntry[] => {
    const before = known.get(node);
    if (before) return before;
    // A function that comes to itself again adds nothing there.
    known.set(node, []);
    const flows = [
      ...ownEntries(node),
      ...(depth < FARTHEST.kvmToInstruction
        ? calleeEntries({ definitions, valueOf }, node, (n) => read(n, depth + 1))
        : []),
    ];
    known.set(node, flows);
    return flows;
  };
  return (node) => read(node, 0);
}

function ownEntries(node: GraphNode): SummaryEntry[] {
  return (node.c?.xsave?.moves ?? []).flatMap((move) =>
    withReplaced(node, move).map(({ origins: { from, to }, guards }): SummaryEntry => ({
      state: move.state,
      components: move.components,
      leftOut: move.leftOut,
      ...(move.msr === undefined ? {} : { msr: move.msr }),
      value: move.value,
      offset: move.offset,
      from,
      to,
      guards: [[...move.guards, ...guards]],
      node,
      through: [],
    })),
  );
}

/** What is saved before another's state is loaded is the state that is replaced: whose, the function's branches tell. */
function withReplaced(
  node: GraphNode,
  { from, to }: Pick<StateMove, 'from' | 'to'>,
): { readonly origins: Pick<StateMove, 'from' | 'to'>; readonly guards: readonly Guard[] }[] {
  const replaced = node.c?.xsave?.replaced ?? [];
  if (replaced.length === 0 || to.kind !== 'loaded' || to.part !== '') return [{ origins: { from, to }, guards: [] }];
  return replaced.map(({ origin, guards }) => ({ origins: { from, to: origin }, guards }));
}

type Definitions = (name: string, file: string) => readonly GraphNode[];

/** The functions that a name means in a file: its own, else all of that name, of which stubs for other configurations do nothing. */
function definitionsIn(graph: CallGraph): Definitions {
  const byName = new Map<string, GraphNode[]>();
  for (const node of graph.tellingNodes) {
    if (!node.c?.xsave) continue;
    const known = byName.get(node.name);
    if (known) known.push(node);
    else byName.set(node.name, [node]);
  }
  return (name, file) => {
    const all = byName.get(name) ?? [];
    const own = all.filter((node) => node.file === file);
    return own.length > 0 ? own : all;
  };
}

function calleeEntries(
  { definitions, valueOf }: { readonly definitions: Definitions; readonly valueOf: ConstantValue },
  node: GraphNode,
  read: (node: GraphNode) => readonly SummaryEntry[],
): SummaryEntry[] {
  if (!node.c?.xsave) return [];
  return node.c.callFacts.flatMap((call) => {
    const callees = call.isOperation ? [] : definitions(call.callee, node.file).filter((callee) => callee !== node);
    return callees
      .flatMap(read)
      .filter((flow) => !isAnchored(flow))
      .flatMap((flow) =>
        instantiateEntry(flow, node, { call, valueOf }).flatMap((bound) =>
          withReplaced(node, bound).map(({ origins, guards }): SummaryEntry => ({
            ...bound,
            ...origins,
            node,
            offset: call.offset,
            guards: [[...call.guards, ...bound.guards[0], ...guards], ...bound.guards.slice(1)],
            through: [{ node: flow.node, offset: flow.offset }, ...flow.through],
          })),
        ),
      );
  });
}

/** Whether a flow is listed at its own function, not at a caller: a place of KVM's is known there, or it is KVM that moves the task's state or a constant. */
export function isAnchored({ node, from, to }: SummaryEntry): boolean {
  const origins = from ? [from, to] : [to];
  const isTask = origins.some((origin) => origin.kind === 'loaded' || origin.kind === 'aside');
  // A function that knows a vCPU is KVM's, as opposed to the FPU core's.
  if ((isTask || from === null) && (node.c?.words.has(VCPU_STRUCT) ?? false)) return true;
  return origins.some((origin) => origin.kind === 'place' && origin.place.kind !== 'hardware');
}

/** What a caller makes of a flow of its callee. */
export interface InstantiatedEntry extends Pick<SummaryEntry, MoveParts> {
  /** The conditions of the arguments; then the flow's own that the call's constants leave open. */
  readonly guards: readonly [readonly Guard[], ...(readonly Guard[])[]];
}

/** A flow of a callee with the arguments in place of the parameters. Nothing where a constant rules it out. */
export function instantiateEntry(
  flow: SummaryEntry,
  caller: GraphNode,
  bound: { readonly call: CallFact; readonly valueOf: ConstantValue },
): InstantiatedEntry[] {
  const { call } = bound;
  const given = caller.c?.xsave?.calls.find((c) => c.offset === call.offset);
  const parameters = flow.node.c?.parameters ?? [];
  const [own = [], ...inner] = flow.guards;
  const left = guardsLeftOpen(own, parameters, bound);
  if (!left) return [];
  const sources = flow.from ? argumentsFor(flow.from, given) : [{ origin: null, guards: [] }];
  const targets = argumentsFor(flow.to, given);
  const { from: source, state, components } = flow;
  const msr = msrFor(flow, call);
  const masks = flow.leftOut.map((mask) => givenFor(mask, parameters, call) ?? mask);
  const leftOut = [...new Set([...masks, ...(given?.leftOut ?? [])])];
  const value = source?.kind === 'parameter' ? (call.arguments[source.index] ?? flow.value) : flow.value;
  return targets.flatMap((to) =>
    sources.flatMap((from): InstantiatedEntry[] => {
      if (to.origin === null || (from.origin === null && state === null)) return [];
      const guards: InstantiatedEntry['guards'] = [distinctGuards([...to.guards, ...from.guards]), left, ...inner];
      return [{ state, components, leftOut, ...msr, from: from.origin, to: to.origin, value, guards }];
    }),
  );
}

/** The MSR of an access by number as a caller gives it. */
function msrFor({ msr, node }: SummaryEntry, call: CallFact): Pick<SummaryEntry, 'msr'> {
  return msr === undefined ? {} : { msr: givenFor(msr, node.c?.parameters ?? [], call) ?? msr };
}

/** What a call gives for a parameter; undefined for what is none. */
function givenFor(text: string, parameters: readonly { readonly name: string }[], call: CallFact): string | undefined {
  return call.arguments[parameters.findIndex(({ name }) => name === text)];
}

/** What an origin in a callee is in its caller; `origin: null` where the caller does not say. */
function argumentsFor(
  origin: Origin,
  call: StateCall | undefined,
): readonly { readonly origin: Origin | null; readonly guards: readonly Guard[] }[] {
  if (origin.kind !== 'parameter') return [{ origin, guards: [] }];
  const given: readonly GuardedOrigin[] = call?.arguments[origin.index] ?? [];
  if (given.length === 0) return [{ origin: null, guards: [] }];
  return given.map((argument) => ({ ...argument, origin: partOf(argument.origin, origin.part) }));
}

/** Whether a caller's constant decides whether the flow happens, or its argument where from. */
export function isOpen({ node, from, to, guards }: SummaryEntry): boolean {
  if (from?.kind === 'parameter' || to.kind === 'parameter') return true;
  const names = new Set<string | undefined>(node.c?.parameters.map((parameter) => parameter.name));
  return guards[0]?.some((guard) => names.has(testedValue(guard)?.name)) ?? false;
}
