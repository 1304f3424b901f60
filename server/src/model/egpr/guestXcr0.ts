import { offsetIn, type CallGraph, type GraphNode } from '../callGraph.js';
import { wordsIn } from '../../syntax/conditions/condition.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { INSTRUCTION_FUNCTIONS } from '../../facts/xsave/stateInterfaces.js';
import { FARTHEST, withCallers } from '../callWalk.js';
import type { Phases } from '../phases.js';
import type { LocatedTransfer } from '../registerTransfers.js';
import { memoizeByIdentity } from '../../cache/memoize.js';

const SETS_XCR0 = INSTRUCTION_FUNCTIONS.xsetbv;

/**
 * Whether a transfer of R16-R31 runs with the guest's XCR0 and under no condition that could tell that it has APX: the
 * instruction is #UD where it has not (Intel APX specification, 3.1.4).
 */
export function mayLackApx(tree: CodeOrder, transfer: LocatedTransfer): boolean {
  const { node, context, conditions } = transfer;
  if (!conditions.every(isOfHost)) return false;
  const at = context?.caller ?? node;
  const offset = context?.offset ?? offsetIn(node, transfer.offset);
  return at.asm !== null || isBetweenSwitches(tree, at, offset, new Set());
}

/** Whether a condition says nothing of the guest: it is of the kernel's configuration, of the host's CPU, or an earlier exit. */
function isOfHost(guard: Guard): boolean {
  if (guard.kind === 'case') return false;
  return (
    guard.kind === 'config' || guard.negated || wordsIn(guard.condition).some((word) => word.startsWith('X86_FEATURE_'))
  );
}

/** Who calls whom, and when that is. */
interface CodeOrder {
  readonly graph: CallGraph;
  readonly phases: Phases;
}

/** Whether XCR0 is set between an offset and VM-entry, or VM-exit: in the function itself, or in one above it. */
function isBetweenSwitches(tree: CodeOrder, node: GraphNode, offset: number, seen: Set<GraphNode>): boolean {
  const { graph, phases } = tree;
  const entry = phases.entryPath.get(node);
  if (!entry || seen.has(node)) return false;
  seen.add(node);
  const isBefore = offset < entry.first;
  const isSwitch = (name: string) => {
    const callee = graph.find(name, node.file);
    return SETS_XCR0.test(name) || (callee !== null && setters(graph).has(callee));
  };
  const switches = node.c?.calls.filter(({ name }) => isSwitch(name)) ?? [];
  const isOutside = switches.some((call) =>
    isBefore ? call.offset < offset : call.offset > Math.max(offset, entry.last),
  );
  return (
    isOutside ||
    graph.callers(node).some((edge) => {
      // What this function does before VM-entry, its caller does there too.
      const above = phases.entryPath.get(edge.caller);
      return (
        above !== undefined && isBetweenSwitches(tree, edge.caller, isBefore ? above.first - 1 : above.last + 1, seen)
      );
    })
  );
}

/** The functions of a tree that set XCR0, themselves or by what they call. */
const setters = memoizeByIdentity((graph: CallGraph): ReadonlySet<GraphNode> => {
  const direct = graph.nodes.filter((node) => node.c?.calls.some(({ name }) => SETS_XCR0.test(name)));
  return withCallers(graph, direct, { most: FARTHEST.functionToXsetbv });
});
