import type { AsmInstruction } from '../assembler/instruction.js';
import type { AsmOperand } from '../assembler/operand.js';
import { readCondition } from '../conditions/condition.js';
import { negate, type ConditionGuard } from '../conditions/guard.js';
import { branchCondition, instructionEffect } from '../x86/mnemonics.js';
import type { ControlFlowGraph, FlowNode } from './controlFlowGraph.js';
import { unnamedTest } from './unnamedTest.js';

/**
 * The conditions that jumps put instructions under, ahead or back from a block out of line: behind `testl $FLAG, flags; jz 1f` and before `1:` it is `FLAG`;
 * behind a jump that is patched in for a CPU feature, that feature's absence. What a jump alone leads to is under its
 * condition: `testl $FLAG, flags; jnz 1f; ret` puts what is behind `1:` under `FLAG`. A test without a name is told as it is
 * written, and code that control may also reach on another way is under none. Instructions without conditions are left out.
 */
export function branchGuards(graph: ControlFlowGraph): ReadonlyMap<AsmInstruction, readonly ConditionGuard[]> {
  const found = new Map<AsmInstruction, ConditionGuard[]>();
  const edges = edgesOf(graph);
  const roots = rootsOf(graph, edges);
  const reached = reachable(edges, roots, () => false);
  const put = (condition: ConditionGuard, isCut: Cut, [first, end]: readonly [number, number]) => {
    const without = reachable(edges, roots, isCut);
    for (let at = first; at < end; at++) {
      const instruction = graph.nodes[at]?.instruction;
      if (!instruction || without.has(at) || !reached.has(at)) continue;
      found.set(instruction, [...(found.get(instruction) ?? []), condition]);
    }
  };
  for (const { from, to, condition, isStaying } of decisions(graph, edges)) {
    if (to <= from && isLoop(edges, roots, from, to)) continue;
    put(condition, isStaying, [from + 1, to > from ? to : graph.nodes.length]);
    put(negate(condition), (a, b) => a === from && b === to, [to, graph.nodes.length]);
  }
  return found;
}

/** Whether a jump back is to where control has come by on every way: one that is not leads back from a block out of line. */
function isLoop(edges: Edges, roots: readonly number[], from: number, to: number): boolean {
  return !reachable(edges, roots, (_, b) => b === to).has(from);
}

/** Whether control is taken not to go from a node to another. */
type Cut = (from: number, to: number) => boolean;

/** For each node, those that control may go on with; a call goes on behind itself. */
type Edges = readonly (readonly number[])[];

function edgesOf({ nodes }: ControlFlowGraph): Edges {
  return nodes.map(({ control, next, target, branches, fixup }) => {
    const behind = control === 'jump' || control === 'return' || control === 'stop' ? null : next;
    const led = control === 'jump' || control === 'branch' ? target : null;
    const all = control === 'alternative' ? branches : [behind, led, fixup];
    return all.filter((node) => node !== null);
  });
}

/** Where control comes from elsewhere: nodes that nothing leads to, and those with a label that is not local. */
function rootsOf({ nodes }: ControlFlowGraph, edges: Edges): number[] {
  const led = new Set(edges.flat());
  return nodes.flatMap(({ instruction, alternative }, i) => {
    const labels = (instruction ?? alternative)?.labels ?? [];
    return !led.has(i) || labels.some((label) => !/^(?:\d|\.L)/.test(label)) ? [i] : [];
  });
}

function reachable(edges: Edges, roots: readonly number[], isCut: Cut): Set<number> {
  const found = new Set(roots);
  // A set's iteration goes on to what is added meanwhile.
  for (const from of found) for (const to of edges[from] ?? []) if (!isCut(from, to)) found.add(to);
  return found;
}

/** A jump that is taken, or not, for a condition. */
interface Decision {
  readonly from: number;
  readonly to: number;
  /** What holds where it is not taken. */
  readonly condition: ConditionGuard;
  /** Whether an edge is one of those for when it is not taken. */
  readonly isStaying: Cut;
}

function decisions({ nodes }: ControlFlowGraph, edges: Edges): Decision[] {
  const tests = testsOnWays(nodes, edges);
  const forks = new Map(nodes.map(({ alternative }, i) => [alternative?.position ?? -1, i] as const));
  return nodes.flatMap(({ instruction, control, target, next }, from): Decision[] => {
    if (!instruction || target === null || target === from) return [];
    const { alternative } = instruction;
    if (control === 'branch') {
      const condition = notTaken(instruction, tests[from] ?? null) ?? unnamedTest(nodes, from);
      return condition ? [{ from, to: target, condition, isStaying: (a, b) => a === from && b === next }] : [];
    }
    if (control !== 'jump' || !alternative?.feature) return [];
    const fork = forks.get(alternative.use);
    const isOther = (node: number) => nodes[node]?.instruction?.alternative?.branch !== alternative.branch;
    const isStaying = (a: number, b: number) =>
      a === fork && (isOther(b) || nodes[b]?.instruction?.alternative?.use !== alternative.use);
    return [{ from, to: target, condition: negate(alternative.feature), isStaying }];
  });
}

/** What the flags tell: whether a bit is set that a name stands for. */
interface Test {
  readonly flag: 'ZF' | 'CF';
  /** The condition that the bit is set. */
  readonly isSet: ConditionGuard;
}

/** For each node of a graph, the test of a bit with a name that the status flags are of before it; null where there is none, or another one on some way. */
export function testsBefore(graph: ControlFlowGraph): readonly (Test | null)[] {
  return testsOnWays(graph.nodes, edgesOf(graph));
}

/** For each node, what the flags tell before it, where all ways agree. */
function testsOnWays(nodes: readonly FlowNode[], edges: Edges): readonly (Test | null)[] {
  const before: (Test | null | undefined)[] = nodes.map(() => undefined);
  nodes.forEach(({ instruction }, i) => {
    const test = instruction ? testBehind(instruction, before[i] ?? null) : (before[i] ?? null);
    for (const to of edges[i] ?? []) before[to] = before[to] === undefined || before[to] === test ? test : null;
  });
  return before.map((test) => test ?? null);
}

function testBehind({ mnemonic, operands }: AsmInstruction, before: Test | null): Test | null {
  const effect = instructionEffect(mnemonic);
  const flag = effect?.name === 'test' ? 'ZF' : effect?.name === 'bt' ? 'CF' : null;
  if (flag === null) return effect?.keepsFlags ? before : null;
  const name = testedName(operands);
  return name === null ? null : { flag, isSet: { kind: 'flag', condition: readCondition(name), negated: false } };
}

/** The name that stands for the tested bit: `KVM_ENTER_VMRESUME` of `$KVM_ENTER_VMRESUME`; null where several are written, of which any may be set. */
function testedName([mask]: readonly AsmOperand[]): string | null {
  const [first, ...others] = mask?.kind === 'immediate' ? mask.expression.names : [];
  // What a name is defined by stands where the name does.
  return first && others.every(({ start }) => start === first.start) ? first.name : null;
}

/** What holds where a branch is not taken: `test` sets ZF where the bit is clear, `bt` copies the bit to CF. */
function notTaken({ mnemonic }: AsmInstruction, test: Test | null): ConditionGuard | null {
  const condition = branchCondition(mnemonic);
  if (!test || condition?.flag !== test.flag) return null;
  const isTakenIfSet = condition.isSet === (test.flag === 'CF');
  return isTakenIfSet ? negate(test.isSet) : test.isSet;
}
