import type { AsmInstruction } from '../assembler/instruction.js';
import { branchCondition } from '../x86/mnemonics.js';
import { argumentRegisters, GPRS, registerPart, type Gpr } from '../x86/registers.js';
import { indirectRegister } from './control.js';
import { targetLabel, type ControlFlowGraph, type FlowNode } from './controlFlowGraph.js';
import { doubtAt, doubtKey, type Doubt, type Site } from './doubt.js';
import { applyEffect } from './effect.js';
import type { AccessOnWay, DoubtOnWay, Findings, Step } from './step.js';
import { usesHostRip } from './failedEntry.js';
import type { FlowObserver } from './flowObserver.js';
import {
  absorb,
  copyOf,
  FIRST_FRAME,
  pop,
  push,
  returnNodes,
  setRegister,
  valuesIn,
  type MachineState,
} from './machineState.js';
import { applyNoted } from './notedEffect.js';
import type { RegisterStep } from './registerSteps.js';
import { union, unknownFor, type Origin, type OriginSet } from './origin.js';

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

/** What may be held at one VM-entry. */
export interface EntryState {
  readonly instruction: AsmInstruction;
  readonly registers: ReadonlyMap<Gpr, OriginSet>;
  /** Another VM-entry lies before it. */
  readonly isAgain: boolean;
}

/** States of different stacks at one place that are told apart. Loops that fill the return stack buffer need 32. */
const MOST_STACKS = 64;
/** Blocks that are gone through at the most: no world switch comes near. */
const MOST_VISITS = 20_000;

/** What one block brings: each is found again whenever more arrives at the block. */
interface BlockResult extends Findings {
  readonly entries: EntryState[];
  readonly ends: MachineState[];
  readonly reached: number[];
}

interface Analysis {
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
interface Arrival {
  readonly node: number;
  readonly state: MachineState;
}

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
  for (let visits = 0; visits < MOST_VISITS; visits++) {
    const next = firstInText(analysis.queue);
    if (!next) break;
    const [key, node] = next;
    analysis.queue.delete(key);
    const arrival = analysis.arrivals.get(key);
    if (arrival) analysis.results.set(key, goThrough(analysis, node, copyOf(arrival.state)));
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

/** Where VM-exit arrives that does not go on behind VM-entry: VMX's HOST_RIP. */
function exitNodes(
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
function blockLeaders({ nodes }: ControlFlowGraph, exits: readonly number[]): ReadonlySet<number> {
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

/** Hands a state on to the block at a node, which leaves it as it is. */
function arrive(analysis: Analysis, node: number, brought: MachineState): void {
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
function siteOf({ graph, sites, options: { firstNode = 0 } }: Analysis, at: number): Site {
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

/** A node that is gone through. */
interface Visit {
  readonly analysis: Analysis;
  readonly node: FlowNode;
  readonly at: number;
  readonly state: MachineState;
  readonly result: BlockResult;
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

function stepOf({ analysis, at, state, result }: Visit, instruction: AsmInstruction): Step {
  const { node, doubt: own } = siteOf(analysis, at);
  return { node, doubt: own, instruction, state, wordSize: analysis.options.wordSize, found: result };
}

function doubt(visit: Visit, instruction: AsmInstruction, kind: Doubt['kind'], name = instruction.mnemonic): void {
  visit.result.doubts.push({ doubt: { ...doubtAt(kind, instruction), name }, isAfterEntry: visit.state.isAfterEntry });
}

function branchOut({ analysis, state }: Visit, nodes: readonly number[]): null {
  for (const node of nodes) arrive(analysis, node, state);
  return null;
}

/** A jump, also one to another function of the graph; a jump out of it ends the way as a return does. */
function jump(visit: Visit, instruction: AsmInstruction): number | null {
  const { node, state, result } = visit;
  if (node.target !== null) return node.target;
  const through = targetsThroughRegister(visit, instruction);
  if (through.length > 0) return branchOut(visit, through);
  const label = targetLabel(instruction.operands);
  const { noReturn, inC } = visit.analysis.options;
  if (label !== null && noReturn.has(label)) return null;
  if (label === null) doubt(visit, instruction, 'jump');
  else if (!inC.has(label) && state.isAfterEntry) doubt(visit, instruction, 'callee', label);
  result.ends.push(state);
  return null;
}

/** A conditional jump; where ZF is known, one way. */
function branch(visit: Visit, instruction: AsmInstruction): number | null {
  const { analysis, node, state } = visit;
  const condition = branchCondition(instruction.mnemonic);
  const isTaken = condition?.flag === 'ZF' && state.zero !== null ? state.zero === condition.isSet : null;
  if (instruction.mnemonic.startsWith('loop')) applyEffect(stepOf(visit, instruction));
  if (isTaken !== false) {
    if (node.target !== null) arrive(analysis, node.target, state);
    else jump({ ...visit, state: copyOf(state) }, instruction);
  }
  return isTaken === true ? null : node.next;
}

/** A call: of a function of the graph, it is gone through; of another, what that may change is changed. */
function call(visit: Visit, instruction: AsmInstruction): number | null {
  const { analysis, node, state } = visit;
  const { wordSize, noReturn, inC, withoutArguments } = analysis.options;
  const callee = targetLabel(instruction.operands);
  const targets = node.target === null ? targetsThroughRegister(visit, instruction) : [node.target];
  if (targets.length > 0) {
    push(state, [{ kind: 'return-address', node: node.next ?? FIRST_FRAME }], wordSize);
    return branchOut(visit, targets);
  }
  if (callee !== null && noReturn.has(callee)) return null;
  // What is patched in is assembly that keeps the registers that its caller needs (asm/nospec-branch.h).
  const isUnderstood = instruction.alternative !== null || (callee !== null && inC.has(callee));
  const takesArguments = callee !== null && inC.has(callee) && !withoutArguments.has(callee);
  const isGivenGuest = takesArguments && holdsGuestArgument(visit);
  applyEffect(stepOf(visit, instruction));
  if (!isUnderstood) leaveToUnknown(visit, instruction, callee ?? instruction.mnemonic);
  else if (isGivenGuest) doubt(visit, instruction, 'argument', callee);
  return node.next;
}

/** Whether a register that C code takes an argument from holds a guest's value, put there for it or left over. */
function holdsGuestArgument({ analysis: { options }, state }: Visit): boolean {
  const given = argumentRegisters(options.wordSize).flatMap((gpr) => state.registers.get(gpr) ?? []);
  return given.some(({ kind }) => kind === 'guest');
}

/** The nodes that a jump or call through a register leads to; none where that may also be other code. */
function targetsThroughRegister(visit: Visit, instruction: AsmInstruction): readonly number[] {
  const register = indirectRegister(instruction);
  const part = register === null ? null : registerPart(register);
  if (!part) return [];
  const nodes = valuesIn(visit.state, part.gpr, siteOf(visit.analysis, visit.at).doubt).map((origin) =>
    codeAt(visit, instruction, origin),
  );
  const known = nodes.filter((node) => node !== null);
  return known.length === nodes.length ? known : [];
}

/** The node whose address a value is; null where it is none of this code's, or not known. */
function codeAt({ analysis }: Visit, { file }: AsmInstruction, origin: Origin): number | null {
  const form = origin.kind === 'constant' ? origin.value : origin.kind === 'address' ? origin.displacement : null;
  const isVariable = origin.kind === 'address' && origin.base.kind === 'variables' && origin.base.segment === null;
  const [symbol, another] = form?.symbols ?? [];
  if (!symbol || another || form?.constant !== 0 || !(origin.kind === 'constant' || isVariable)) return null;
  const [label, count] = symbol;
  return count === 1 && !/^\d/.test(label) ? analysis.graph.labelled(label, file) : null;
}

/** A call of code that is not read: it may load any register, and behind VM-exit store any. */
function leaveToUnknown(visit: Visit, instruction: AsmInstruction, callee: string): void {
  const { state } = visit;
  const what: Doubt = { ...doubtAt('callee', instruction), name: callee };
  for (const [register, values] of state.registers)
    state.registers.set(register, union(values, [unknownFor(what)], what));
  if (state.isAfterEntry) visit.result.doubts.push({ doubt: what, isAfterEntry: true });
}

/** A return: to where the stack says; at the function's own return address the way ends. */
function returnFrom(visit: Visit, instruction: AsmInstruction): null {
  const { analysis, state, result } = visit;
  if (state.frame === FIRST_FRAME && state.depth >= 0) {
    result.ends.push(state);
    return null;
  }
  const { doubt: what } = siteOf(analysis, visit.at);
  const calls = returnNodes(state);
  const addresses = pop(state, analysis.options.wordSize, what);
  const nodes = addresses.map((origin) =>
    origin.kind === 'return-address' ? origin.node : codeAt(visit, instruction, origin),
  );
  const known = nodes.filter((node) => node !== null);
  if (addresses.some((origin, i) => nodes[i] === null && mayBeCode(origin))) doubt(visit, instruction, 'stack');
  const last = calls.at(-1);
  const targets = known.length > 0 || last === undefined ? known : [last];
  for (const node of targets) if (node !== FIRST_FRAME) arrive(analysis, node, state);
  if (targets.length === 0) result.ends.push(state);
  return null;
}

/** Whether code that is not followed may be where a return goes. A register's old value is none: what should have popped it is missing. */
function mayBeCode({ kind }: Origin): boolean {
  return kind !== 'guest' && kind !== 'host' && kind !== 'stack';
}

/** Whether VM-entry happens at an instruction itself; a function of the graph is gone through to its own. */
function isEntryHere({ analysis, node }: Visit, instruction: AsmInstruction): boolean {
  return node.target === null && analysis.options.isEntry(instruction);
}

/**
 * VM-entry, and VM-exit right after it. VM-exit leaves every GPR but RSP with the guest's value; VMRUN restores the host's
 * RAX too (AMD APM volume 2, 15.5.1). VMX goes on at HOST_RIP; what is behind VMLAUNCH is for a VM-entry that failed.
 */
function enterGuest(visit: Visit, instruction: AsmInstruction): number | null {
  const { analysis, node, state, result, at } = visit;
  const what = siteOf(analysis, at).doubt;
  const isSwitched = (gpr: Gpr) => !keptRegisters(instruction).includes(gpr);
  const registers = new Map(GPRS.filter(isSwitched).map((gpr) => [gpr, valuesIn(state, gpr, what)]));
  result.entries.push({ instruction, registers, isAgain: state.isAfterEntry });
  state.isAfterEntry = true;
  state.written.clear();
  if (node.fixup !== null) arrive(analysis, node.fixup, state);
  const isElsewhere = usesHostRip(instruction) && analysis.exits.length > 0;
  if (isElsewhere && node.next !== null) arrive(analysis, node.next, state);
  leaveToGuest(state, instruction, what);
  if (isElsewhere) return branchOut(visit, analysis.exits);
  if (node.next === null) result.ends.push(state);
  return node.next;
}

/** The GPRs that VM-exit restores to the host's. */
function keptRegisters({ mnemonic }: AsmInstruction): readonly Gpr[] {
  return mnemonic === 'vmrun' ? ['RSP', 'RAX'] : ['RSP'];
}

function leaveToGuest(state: MachineState, instruction: AsmInstruction, what: Doubt): void {
  const kept = keptRegisters(instruction);
  for (const [register, values] of state.registers) {
    if (kept.includes(register)) continue;
    if (GPRS.includes(register)) state.registers.set(register, [{ kind: 'guest', gpr: register }]);
    // A register that the compiler chose, or one of other kinds, which the guest may share.
    else state.registers.set(register, union(values, [unknownFor({ ...what, kind: 'compiler' })], what));
  }
  state.zero = null;
}

/** Doubts, each once: one that is also before VM-entry, as such. */
export function distinctDoubts(doubts: readonly DoubtOnWay[]): DoubtOnWay[] {
  const found = new Map<string, DoubtOnWay>();
  for (const one of doubts) {
    const key = doubtKey(one.doubt);
    const known = found.get(key);
    if (!known || (known.isAfterEntry && !one.isAfterEntry)) found.set(key, one);
  }
  return [...found.values()];
}
