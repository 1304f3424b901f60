import type { AsmInstruction } from '../assembler/instruction.js';
import { instructionEffect } from '../x86/mnemonics.js';
import { testsBefore } from './branchGuards.js';
import type { ControlFlowGraph, FlowNode } from './controlFlowGraph.js';
import { unnamedTest } from './unnamedTest.js';

/**
 * The instructions that a VM-entry leads to which has failed: VMLAUNCH and VMRESUME go on behind themselves then (SDM vol. 3,
 * 27.1, VMfail), where a VM-exit arrives at HOST_RIP. Only ways that are sure are followed: the branch that tests how VM-entry
 * went, both ways behind a test of a flag or of memory with a name, neither behind any other test; into a function that is called, and on behind it.
 */
export function afterFailedEntry(graph: ControlFlowGraph): ReadonlySet<AsmInstruction> {
  const { nodes } = graph;
  const pending = nodes.flatMap(({ instruction, next }): Point[] =>
    instruction && usesHostRip(instruction) && next !== null ? [{ at: next, isTold: true }] : [],
  );
  const found = new Set<AsmInstruction>();
  if (pending.length === 0) return found;
  const tests = testsBefore(graph);
  const seen = new Set<string>();
  for (let point = pending.pop(); point; point = pending.pop()) {
    const node = nodes[point.at];
    const key = `${String(point.at)} ${String(point.isTold)}`;
    if (!node || seen.has(key)) continue;
    seen.add(key);
    if (node.instruction) found.add(node.instruction);
    const isTold = point.isTold && keepsFlags(node);
    const isNamed = (tests[point.at] ?? null) !== null || testsNamedMemory(nodes, point.at);
    for (const at of goingOn(node, point.isTold, isNamed)) if (at !== null) pending.push({ at, isTold });
  }
  return found;
}

/** A node on the way, and whether the status flags still tell that VM-entry has failed. */
interface Point {
  readonly at: number;
  readonly isTold: boolean;
}

/** Whether an instruction enters a guest whose VM-exits arrive elsewhere than behind it. */
export function usesHostRip({ mnemonic }: AsmInstruction): boolean {
  return mnemonic === 'vmlaunch' || mnemonic === 'vmresume';
}

/** Whether a branch is behind a test of memory with a name, such as a member that C sets: what that holds is not how VM-entry went. */
function testsNamedMemory(nodes: readonly FlowNode[], at: number): boolean {
  const condition = unnamedTest(nodes, at)?.condition;
  return condition?.kind === 'other' && condition.words.length > 0;
}

function keepsFlags({ instruction }: FlowNode): boolean {
  return instruction === null || (instructionEffect(instruction.mnemonic)?.keepsFlags ?? false);
}

/** VMfail sets CF or ZF, and clears the other one (SDM vol. 3, 31.2): these are taken then, or are not. */
const TAKEN = /^j(?:be|na)$/;
const NOT_TAKEN = /^j(?:a|nbe)$/;

function goingOn(
  { instruction, control, next, target, branches }: FlowNode,
  isTold: boolean,
  isNamed: boolean,
): readonly (number | null)[] {
  switch (control) {
    case 'alternative':
      return branches;
    case 'jump':
      return [target];
    case 'branch': {
      const mnemonic = instruction?.mnemonic ?? '';
      if (isTold) return TAKEN.test(mnemonic) ? [target] : NOT_TAKEN.test(mnemonic) ? [next] : [];
      return isNamed ? [next, target] : [];
    }
    case 'next':
      return [next];
    case 'call':
      return [target, next];
    default:
      return [];
  }
}
