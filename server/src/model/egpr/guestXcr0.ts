import { offsetIn, type CallGraph, type GraphNode } from '../callGraph.js';
import type { Atom } from '../../syntax/conditions/condition.js';
import { hasGuard, literalsOf, testedValue, type Guard } from '../../syntax/conditions/guard.js';
import { INSTRUCTION_FUNCTIONS } from '../../facts/xsave/stateInterfaces.js';
import { FARTHEST, withCallers } from '../callWalk.js';
import type { Phases } from '../phases.js';
import type { LocatedTransfer } from '../registerTransfers.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { isNameOfApx } from './apxTests.js';
import { HOST_TESTS } from './hostTests.js';
import { conditionsOfEntry } from './callContexts.js';
import { flagConditions, type FlagConditions } from './flagConditions.js';

const SETS_XCR0 = INSTRUCTION_FUNCTIONS.xsetbv;

/**
 * Whether a transfer of R16-R31 runs with the guest's XCR0 and under no condition that could tell that it has APX: the
 * instruction is #UD where it has not (Intel APX specification, 3.1.4).
 */
export function mayLackApx(tree: CodeOrder, transfer: LocatedTransfer): boolean {
  const { node, context, conditions } = transfer;
  const at = context?.caller ?? node;
  const ofEntry = conditionsOfEntry(tree.graph, at);
  const flags = flagConditions(tree.graph);
  if (conditions.some((guard) => !hasGuard(ofEntry, guard) && mayTellApx(guard, flags))) return false;
  const offset = context?.offset ?? offsetIn(node, transfer.offset);
  return at.asm !== null || isBetweenSwitches(tree, at, offset, new Set());
}

/**
 * Whether a condition could tell that a guest's XCR0 has APX. One of the kernel's configuration, of the host's CPU, of a static
 * key, and of what the guest's CPUID has, cannot; of a flag that C sets, the conditions for that do. That something does not
 * hold tells nothing, unless it has a name of APX or XCR0.
 */
function mayTellApx(guard: Guard, flags: FlagConditions): boolean {
  if (guard.kind === 'case') return true;
  if (guard.kind === 'config' || guard.kind === 'alternative' || guard.kind === 'assembler') return false;
  // A test in assembly without a name may be of anything.
  if (guard.kind === 'flag' && guard.condition.kind === 'other') return true;
  const tested = testedValue(guard);
  if (tested?.holds && flags.has(tested.name)) return false;
  return literalsOf([guard]).some(({ atom, holds }) => !isOfHost(atom) && (holds || atom.words.some(isNameOfApx)));
}

/** What KVM and the FPU core know of the host and of what it lets all guests have. */
const OF_HOST = /^(?:kvm_(?:host|caps|cpu_caps?)|host_\w+|fpu_(?:kernel|user|guest)_cfg|X86_FEATURE_\w+)$/;

function isOfHost(atom: Atom): boolean {
  return (atom.kind === 'call' && HOST_TESTS.test(atom.callee)) || atom.words.some((word) => OF_HOST.test(word));
}

/** Who calls whom, and when that is. */
interface CodeOrder {
  readonly graph: CallGraph;
  readonly phases: Phases;
}

/**
 * Whether an offset is inside of what sets XCR0 around VM-entry, in the function itself or in one above it. Where XCR0 is set
 * in two steps, what it is between them is not known: an offset there is not.
 */
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
  const isInside = switches.some((call) =>
    isBefore ? offset < call.offset && call.offset < entry.first : entry.last < call.offset && call.offset < offset,
  );
  if (isInside) return false;
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
