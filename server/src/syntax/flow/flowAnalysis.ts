import type { AsmInstruction } from '../assembler/instruction.js';
import type { Gpr } from '../x86/registers.js';
import type { ControlFlowGraph, FlowNode } from './controlFlowGraph.js';
import { doubtAt, type Doubt, type Site } from './doubt.js';
import type { FlowObserver } from './flowObserver.js';
import { absorb, copyOf, returnNodes, setRegister, type MachineState } from './machineState.js';
import { unknownFor, type OriginSet } from './origin.js';
import type { Findings, Step } from './step.js';

/** How the instructions of a graph are read. */
export interface FlowOptions {
  /** In bytes. */
  readonly wordSize: 4 | 8;
  /** Whether an instruction is VM-entry, or a call of a function that does it. */
  readonly isEntry: (instruction: AsmInstruction) => boolean;
  /** Labels that C code names as the place where VM-exit arrives: VMX's HOST_RIP (SDM volume 3C, 26.5). */
  readonly exitLabels: ReadonlySet<string>;
  /** Functions outside of the graph that never return. */
  readonly noReturn: ReadonlySet<string>;
  /** Functions outside of the graph that are C: what they do to registers is the calling convention's. */
  readonly inC: ReadonlySet<string>;
  /** Of these, the ones that are declared to take no argument. */
  readonly withoutArguments: ReadonlySet<string>;
  /** The number that the graph's first node has among several graphs that are followed one after the other; 0 when left out. */
  readonly firstNode?: number;
  /** Is told each step on the ways, once the fixpoint is reached, in the order of the text. Nothing is done for it when left out. */
  readonly observe?: FlowObserver | undefined;
}

/** Where a flow begins, and with what. */
export interface FlowBeginning {
  readonly node: number;
  readonly state: MachineState;
}

/** What may be held at one VM-entry. */
export interface EntryState {
  readonly instruction: AsmInstruction;
  readonly registers: ReadonlyMap<Gpr, OriginSet>;
  /** Another VM-entry lies before it. */
  readonly isAgain: boolean;
}

/** States of different stacks at one place that are told apart. Loops that fill the return stack buffer need 32. */
const MOST_STACKS = 64;

/** What one block brings: each is found again whenever more arrives at the block. */
export interface BlockResult extends Findings {
  readonly entries: EntryState[];
  readonly ends: MachineState[];
  readonly reached: number[];
}

/** What a fixpoint is made of: the graph, what has arrived where, and what is still to be gone through. */
export interface Analysis {
  readonly graph: ControlFlowGraph;
  readonly options: FlowOptions;
  readonly leaders: ReadonlySet<number>;
  readonly exits: readonly number[];
  /** By the block's first node and the stack: one arrival for all ways that arrive with the same stack. */
  readonly arrivals: Map<string, Arrival>;
  readonly stacksAt: Map<number, number>;
  readonly sites: Site[];
  readonly results: Map<string, BlockResult>;
  /** The arrivals that are to be gone through, with their nodes. */
  readonly queue: Map<string, number>;
}

/** What control arrives with at the first node of a block. */
export interface Arrival {
  readonly node: number;
  readonly state: MachineState;
}

/** Hands a state on to the block at a node, which leaves it as it is. */
export function arrive(analysis: Analysis, node: number, brought: MachineState): void {
  const { arrivals, stacksAt, queue } = analysis;
  const site = siteOf(analysis, node);
  let state = brought;
  let key = arrivalKey(node, state);
  if (!arrivals.has(key)) {
    const stacks = (stacksAt.get(node) ?? 0) + 1;
    stacksAt.set(node, stacks);
    if (stacks > MOST_STACKS) {
      state = copyOf(state);
      setRegister(state, 'RSP', [unknownFor(site.doubt)], node);
      key = arrivalKey(node, state);
    }
  }
  const known = arrivals.get(key);
  if (!known) arrivals.set(key, { node, state: copyOf(state) });
  else if (!absorb(known.state, state, site)) return;
  queue.set(key, node);
}

function arrivalKey(node: number, state: MachineState): string {
  const side = state.isAfterEntry ? 'after' : 'before';
  return `${String(node)} ${side} ${String(state.frame)} ${String(state.depth)} ${returnNodes(state).join()}`;
}

/** The sites of a graph's nodes, made when they are first asked for. */
export function siteOf({ graph, sites, options: { firstNode = 0 } }: Analysis, at: number): Site {
  const known = sites[at];
  if (known) return known;
  const { instruction, alternative } = graph.nodes[at] ?? {};
  const { start, end, file } = alternative ?? { start: 0, end: 0, file: undefined };
  const doubt: Doubt = instruction
    ? doubtAt('instruction', instruction)
    : { kind: 'instruction', name: 'ALTERNATIVE', start, end, file };
  const site = { node: firstNode + at, doubt };
  sites[at] = site;
  return site;
}

/** A node that is gone through. */
export interface Visit {
  readonly analysis: Analysis;
  readonly node: FlowNode;
  readonly at: number;
  readonly state: MachineState;
  readonly result: BlockResult;
}

/** A node's instruction, with what its effect is worked out from. */
export function stepOf({ analysis, at, state, result }: Visit, instruction: AsmInstruction): Step {
  const { node, doubt: own } = siteOf(analysis, at);
  return { node, doubt: own, instruction, state, wordSize: analysis.options.wordSize, found: result };
}

/** Records that an instruction is not understood, on this way. */
export function doubt(
  visit: Visit,
  instruction: AsmInstruction,
  kind: Doubt['kind'],
  name = instruction.mnemonic,
): void {
  doubtOf(visit, { ...doubtAt(kind, instruction), name });
}

/** Notes a doubt; `of`: the registers whose guest's values it is about, all when left out. */
export function doubtOf({ state: { isAfterEntry }, result }: Visit, what: Doubt, of?: ReadonlySet<Gpr>): void {
  result.doubts.push({ doubt: what, isAfterEntry, ...(of && { of }) });
}

/** Hands the state on to each of several nodes, so that nothing goes on here. */
export function branchOut({ analysis, state }: Visit, nodes: readonly number[]): null {
  for (const node of nodes) arrive(analysis, node, state);
  return null;
}
