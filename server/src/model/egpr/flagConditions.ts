import type { FlagSet } from '../../facts/egpr/flagSets.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { commonGuards, hasGuard, negate, testedValue, unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { CallEdge, CallGraph, GraphNode } from '../callGraph.js';
import { FARTHEST } from '../callWalk.js';
import { vmEntryPath } from '../phases.js';
import { conditionsOfEntry, guardsAt } from './callContexts.js';

/** The conditions under which C sets a flag that assembly tests; of a flag with several, those that all its places share. */
export type FlagConditions = ReadonlyMap<string, readonly Guard[]>;

/** The conditions of each flag that is set, as far as they are known: not those of one that a value decides beside them. */
export const flagConditions = memoizeByIdentity((graph: CallGraph): FlagConditions => {
  const conditions = new Map<string, readonly Guard[]>();
  const unknown = new Set<string>();
  const sets = graph.tellingNodes.flatMap((node) => node.c?.apx.flags.map((set) => ({ node, set })) ?? []);
  for (const { node, set } of sets) {
    const guards = unionGuards(conditionsOf(graph, node, set) ?? [], takenUnder(graph, set) ?? []);
    if (set.isComputed || conditionsOf(graph, node, set) === null || takenUnder(graph, set) === null)
      unknown.add(set.flag);
    const known = conditions.get(set.flag);
    conditions.set(set.flag, known ? commonGuards(known, guards) : guards);
  }
  for (const flag of unknown) conditions.delete(flag);
  return conditions;
});

/** The conditions of a place, and of all calls of its function; null where those of one are not read. */
function conditionsOf(
  graph: CallGraph,
  node: GraphNode,
  { guards }: { readonly guards: readonly Guard[] },
): readonly Guard[] | null {
  const ofCalls = guardsOfCalls(graph, node, FARTHEST.flagToCaller);
  return ofCalls && unionGuards(ofCalls, beyondEntry(graph, node, guards));
}

/** The conditions that all places share which take a flag out of the member that it is set in; null where those of one are not read. */
function takenUnder(graph: CallGraph, { member }: FlagSet): readonly Guard[] | null {
  if (member === null) return [];
  const all = graph.tellingNodes.flatMap((node) =>
    (node.c?.apx.taken ?? [])
      .filter((taken) => taken.member === member)
      .map((taken) => conditionsOf(graph, node, taken)),
  );
  const [first = [], ...others] = all;
  return others.reduce((common, guards) => (common && guards ? commonGuards(common, guards) : null), first);
}

/**
 * The conditions that all calls of a function by its name are under, `most` calls up; null where those of one are not read.
 * Those of a call of what enters the guest are VM-entry's own, and tell nothing of the flag.
 */
function guardsOfCalls(graph: CallGraph, node: GraphNode, most: number): readonly Guard[] | null {
  if (vmEntryPath(graph).has(node)) return [];
  const calls = graph.callers(node).filter(({ operation }) => operation === null);
  if (most === 0 || calls.length < graph.callers(node).length) return [];
  let common: readonly Guard[] | null = null;
  for (const call of calls) {
    const above = guardsOfCalls(graph, call.caller, most - 1);
    if (!above || !isRead(call)) return null;
    const guards = unionGuards(above, beyondEntry(graph, call.caller, guardsAt(graph, call)));
    common = common ? commonGuards(common, guards) : guards;
  }
  return common ?? [];
}

/** Of the conditions of code in a function, those that VM-entry in it is not under as well. */
function beyondEntry(graph: CallGraph, node: GraphNode, guards: readonly Guard[]): readonly Guard[] {
  const ofEntry = conditionsOfEntry(graph, node);
  return guards.filter((guard) => !hasGuard(ofEntry, guard));
}

/** Whether the conditions of a call are known. */
function isRead({ caller, callee, offset }: CallEdge): boolean {
  return caller.c?.callFacts.some((call) => call.callee === callee.name && call.offset === offset) ?? false;
}

/** Guards with, behind a flag, what it takes for C to set it, or to leave it. */
export function withFlagConditions(guards: readonly Guard[], flags: FlagConditions): readonly Guard[] {
  return guards.reduce<readonly Guard[]>((all, guard) => {
    const tested = testedValue(guard);
    const conditions = (tested && flags.get(tested.name)) ?? [];
    const [only, another] = conditions;
    if (tested?.holds) return unionGuards(all, [guard, ...conditions]);
    const isOpposite = tested && only && !another && only.kind !== 'case';
    return unionGuards(all, isOpposite ? [guard, negate(only)] : [guard]);
  }, []);
}
