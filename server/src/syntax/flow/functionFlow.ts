import type { AsmInstruction } from '../assembler/instruction.js';
import { blockLeaders, exitNodes } from './blocks.js';
import type { ControlFlowGraph, FlowNode } from './controlFlowGraph.js';
import { branch, call, jump, returnFrom } from './controlTransfer.js';
import { doubtKey } from './doubt.js';
import { enterGuest, isEntryHere } from './enterGuest.js';
import {
  arrive,
  branchOut,
  siteOf,
  stepOf,
  type Analysis,
  type BlockResult,
  type EntryState,
  type FlowBeginning,
  type FlowOptions,
  type Visit,
} from './flowAnalysis.js';
import type { FlowObserver } from './flowObserver.js';
import { copyOf, type MachineState } from './machineState.js';
import { applyNoted } from './notedEffect.js';
import type { RegisterStep } from './registerSteps.js';
import type { AccessOnWay, DoubtOnWay } from './step.js';

/** What the fixpoint over the ways through a graph gives. Plain data. */
export interface Flow {
  readonly accesses: readonly AccessOnWay[];
  /** What is done with registers and the stack, on each way. */
  readonly registerSteps: readonly RegisterStep[];
  /** The VM-entries that are reached, with what each register may hold right before. */
  readonly entries: readonly EntryState[];
  /** The states at the ends of all ways: returns, tail calls, and the end of the text. */
  readonly ends: readonly MachineState[];
  /** What is not understood and stands in no register's set, and whether only behind VM-entry. */
  readonly doubts: readonly DoubtOnWay[];
  /** The nodes that are reached. */
  readonly reached: ReadonlySet<number>;
}

/** Blocks and instructions that are gone through at the most: the world switches of Linux 2.6.32 to 7.2 take up to 540. */
const MOST_STEPS = 20_000;

/**
 * Follows what registers and memory may hold along all ways from a beginning, up to a fixpoint. Ways that arrive at a block
 * with different stacks, on different sides of VM-entry or behind different calls are told apart; of others the sets are
 * united. Functions of the graph that are called are gone through in place.
 */
export function analyseFlow(graph: ControlFlowGraph, beginnings: readonly FlowBeginning[], options: FlowOptions): Flow {
  const exits = exitNodes(graph, beginnings, options);
  const analysis: Analysis = {
    graph,
    options,
    leaders: blockLeaders(graph, exits),
    exits,
    arrivals: new Map(),
    stacksAt: new Map(),
    sites: [],
    results: new Map(),
    queue: new Map(),
  };
  for (const { node, state } of beginnings) arrive(analysis, node, state);
  for (let steps = 0; steps < MOST_STEPS;) {
    const next = firstInText(analysis.queue);
    if (!next) break;
    const [key, node] = next;
    analysis.queue.delete(key);
    const arrival = analysis.arrivals.get(key);
    if (!arrival) continue;
    const result = goThrough(analysis, node, copyOf(arrival.state));
    analysis.results.set(key, result);
    steps += 1 + result.reached.length;
  }
  const flow = flowOf([...analysis.results.values()]);
  const doubts = [...flow.doubts, ...leftOut(analysis)];
  if (options.observe) replay(analysis);
  return { ...flow, doubts };
}

/** Doubts about the blocks that were not gone through any more. */
function leftOut(analysis: Analysis): DoubtOnWay[] {
  return [...analysis.queue.values()].map((node) => ({
    doubt: { ...siteOf(analysis, node).doubt, kind: 'jump' },
    isAfterEntry: false,
  }));
}

/** Goes once more through each block with all that arrives at it, which changes nothing any more, for the observer. */
function replay(analysis: Analysis): void {
  const inOrder = [...analysis.arrivals.values()].sort((a, b) => a.node - b.node);
  for (const { node, state } of inOrder) goThrough(analysis, node, copyOf(state), analysis.options.observe);
}

/** What is first in the text comes first: most of what arrives at a block has then arrived before it is gone through. */
function firstInText(queue: ReadonlyMap<string, number>): readonly [key: string, node: number] | null {
  let first: readonly [string, number] | null = null;
  for (const entry of queue) if (!first || entry[1] < first[1]) first = entry;
  return first;
}

function flowOf(results: readonly BlockResult[]): Flow {
  return {
    accesses: results.flatMap(({ accesses }) => accesses).sort((a, b) => a.node - b.node),
    entries: results.flatMap(({ entries }) => entries),
    ends: results.flatMap(({ ends }) => ends),
    registerSteps: results.flatMap(({ registerSteps }) => registerSteps),
    doubts: results.flatMap(({ doubts }) => doubts),
    reached: new Set(results.flatMap(({ reached }) => reached)),
  };
}

/** Goes through a block with a state of its own, and hands on what it ends with. */
function goThrough(analysis: Analysis, first: number, state: MachineState, observe?: FlowObserver): BlockResult {
  const { graph, leaders } = analysis;
  const result: BlockResult = { accesses: [], registerSteps: [], entries: [], ends: [], doubts: [], reached: [] };
  for (let at: number | null = first; at !== null;) {
    const node: FlowNode | undefined = graph.nodes[at];
    if (!node) break;
    result.reached.push(at);
    const visit: Visit = { analysis, node, at, state, result };
    const next: number | null = observe ? performObserved(visit, at === first, observe) : perform(visit);
    if (next !== null && leaders.has(next)) {
      arrive(analysis, next, state);
      break;
    }
    at = next;
  }
  return result;
}

function performObserved(visit: Visit, isBlockStart: boolean, observe: FlowObserver): number | null {
  const { node, state, result } = visit;
  const before = copyOf(state);
  const earlier = result.doubts.length;
  const next = perform(visit);
  const doubts = result.doubts.slice(earlier).map(({ doubt: one }) => one);
  if (node.instruction) observe({ instruction: node.instruction, isBlockStart, before, after: copyOf(state), doubts });
  return next;
}

/** Does what a node does. Returns the node that the same state goes on with; null where it was handed on or ends. */
function perform(visit: Visit): number | null {
  const { analysis, node, state, result } = visit;
  if (!node.instruction) return branchOut(visit, node.branches);
  doubtUnread(visit, node.instruction);
  if (isEntryHere(visit, node.instruction)) return enterGuest(visit, node.instruction);
  switch (node.control) {
    case 'stop':
      return null;
    case 'return':
      return returnFrom(visit, node.instruction);
    case 'jump':
      return jump(visit, node.instruction);
    case 'branch':
      return branch(visit, node.instruction);
    case 'call':
      return call(visit, node.instruction);
    default:
      applyNoted(stepOf(visit, node.instruction));
      if (node.fixup !== null) arrive(analysis, node.fixup, state);
      if (node.next === null) result.ends.push(state);
      return node.next;
  }
}

/** One doubt for all that stands behind a directive for another syntax. */
function doubtUnread({ state: { isAfterEntry }, result }: Visit, { unread, file }: AsmInstruction): void {
  if (unread) result.doubts.push({ doubt: { kind: 'instruction', ...unread, file }, isAfterEntry });
}

/** Doubts, each once: one that is also before VM-entry, as such, and about all that it is about on any way. */
export function distinctDoubts(doubts: readonly DoubtOnWay[]): DoubtOnWay[] {
  const found = new Map<string, DoubtOnWay>();
  for (const one of doubts) {
    const key = doubtKey(one.doubt);
    const known = found.get(key);
    found.set(key, known ? either(known, one) : one);
  }
  return [...found.values()];
}

function either(one: DoubtOnWay, other: DoubtOnWay): DoubtOnWay {
  const { doubt } = one;
  const isAfterEntry = one.isAfterEntry && other.isAfterEntry;
  return one.of && other.of ? { doubt, isAfterEntry, of: new Set([...one.of, ...other.of]) } : { doubt, isAfterEntry };
}
