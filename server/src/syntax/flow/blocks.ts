import type { ControlFlowGraph, FlowNode } from './controlFlowGraph.js';
import { usesHostRip } from './failedEntry.js';
import type { FlowBeginning, FlowOptions } from './flowAnalysis.js';

/** Where VM-exit arrives that does not go on behind VM-entry: VMX's HOST_RIP. */
export function exitNodes(
  graph: ControlFlowGraph,
  beginnings: readonly FlowBeginning[],
  { exitLabels, isEntry }: FlowOptions,
): number[] {
  const named = [...exitLabels].flatMap((label) => graph.labelled(label) ?? []);
  if (named.length > 0) return named;
  const isVmxEntry = ({ instruction }: FlowNode) => instruction && usesHostRip(instruction) && isEntry(instruction);
  const entry = graph.nodes.findIndex(isVmxEntry);
  if (entry < 0) return [];
  const functions = new Set(graph.nodes.filter(isVmxEntry).map(({ instruction }) => instruction?.function ?? null));
  // Without C code that names it: a label behind VM-entry that nothing leads to, nor what is behind another one.
  const reached = reachableFrom(
    graph,
    beginnings.map(({ node }) => node),
  );
  const exits: number[] = [];
  graph.nodes.forEach(({ instruction }, node) => {
    if (node <= entry || reached.has(node) || !functions.has(instruction?.function ?? null)) return;
    if (!instruction?.labels.some((label) => isGlobal(label) && !graph.named.has(label))) return;
    exits.push(node);
    for (const more of reachableFrom(graph, [node])) reached.add(more);
  });
  return exits;
}

/** The nodes to which some way leads, if every call returns. */
function reachableFrom({ nodes }: ControlFlowGraph, beginnings: readonly number[]): Set<number> {
  const reached = new Set(beginnings);
  // A set's iteration goes on to what is added meanwhile.
  for (const at of reached) {
    const node = nodes[at];
    if (!node) continue;
    const { control, next, target, branches, fixup } = node;
    for (const to of [goesOn(control) ? next : null, target, fixup, ...branches]) if (to !== null) reached.add(to);
  }
  return reached;
}

function isGlobal(label: string): boolean {
  return !/^(?:\d|\.L)/.test(label);
}

function goesOn(control: FlowNode['control']): boolean {
  return control === 'next' || control === 'branch' || control === 'call';
}

/** The nodes that blocks begin with: those at which control may arrive from elsewhere than the node before. */
export function blockLeaders({ nodes }: ControlFlowGraph, exits: readonly number[]): ReadonlySet<number> {
  const leaders = new Set<number>(exits);
  const followed = new Set<number>();
  for (const { control, next, target, branches, fixup } of nodes) {
    for (const node of [target, fixup, ...branches]) if (node !== null) leaders.add(node);
    if (next === null) continue;
    if (control === 'call' || followed.has(next)) leaders.add(next);
    followed.add(next);
  }
  return leaders;
}
