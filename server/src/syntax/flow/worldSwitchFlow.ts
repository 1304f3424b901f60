import { memoizeByIdentity } from '../../cache/memoize.js';
import type { AsmCode, AsmFunction, AsmInstruction, CodePlace } from '../assembler/instruction.js';
import type { Gpr } from '../x86/registers.js';
import { ALL_BUILT, configurations, type Configuration } from './configurations.js';
import { controlFlowGraph, targetLabel, type ControlFlowGraph, type FlowNode } from './controlFlowGraph.js';
import type { EntryState, FlowBeginning, FlowOptions } from './flowAnalysis.js';
import { analyseFlow, distinctDoubts, type Flow } from './functionFlow.js';
import type { DoubtOnWay } from './step.js';
import type { FlowObserver } from './flowObserver.js';
import { FIRST_FRAME, stateAtBeginning, type MachineState, type WrittenWord } from './machineState.js';
import { union, unknownFor, type Origin, type OriginSet, type Place } from './origin.js';
import { agreedSteps, type RegisterStep } from './registerSteps.js';
import { loadedBy, loadedByHelper } from './loadedRegisters.js';
import { slotKey, slotTransfers, type SlotTransfer } from './slotTransfer.js';

/**
 * What is known of a function that enters a guest, on all ways from its beginning to its end: enough to say for each register
 * and direction whether it is moved, is not, or may be (`slotAnswer`).
 */
export interface WorldSwitchFlow {
  /** The VM-entries, in the order in which they are reached. */
  readonly entries: readonly AsmInstruction[];
  /** What each GPR that is not the host's while the guest runs may hold at VM-entry, over all VM-entries. */
  readonly atEntry: ReadonlyMap<Gpr, OriginSet>;
  /** What was last written to each word outside of the stack between VM-exit and the function's end. */
  readonly afterExit: readonly LastWrite[];
  /** A guest may be entered again behind VM-exit: what is not known behind one may be before the other. */
  readonly entersAgain: boolean;
  /** Some way from VM-exit to the function's end is known. */
  readonly hasEnd: boolean;
  /** What is not understood, and stands in no set. A doubt of kind `jump` or `stack` leaves ways out. */
  readonly doubts: readonly DoubtOnWay[];
}

/** What may be in a word when the function ends, written since VM-exit. A base or displacement that is not known may be any word. */
export interface LastWrite extends Place {
  readonly values: OriginSet;
  /** On every way; else what was there before VM-exit may be there still. */
  readonly isOnEveryWay: boolean;
}

/** The moves and the flow of what begins at one function, or of the `asm()` statements of one. */
export interface FlowOfRoot {
  readonly transfers: readonly SlotTransfer[];
  /** What else instructions do with registers; none where no guest is entered. */
  readonly steps: readonly RegisterStep[];
  /** null where no guest is entered. */
  readonly flow: WorldSwitchFlow | null;
}

/** How what begins at functions or statements is followed. */
export interface RootOptions extends FlowOptions {
  /** Makes what looks on while the ways from a root are followed. */
  readonly observerOf?: ObserverOfRoot | undefined;
}

export type ObserverOfRoot = (root: ObservedRoot) => FlowObserver;

/** What ways begin at that are looked on. */
export interface ObservedRoot {
  /** The function's name; null for `asm()` statements. */
  readonly name: string | null;
  readonly configuration: Configuration;
  /** Origins tell of its nodes by their numbers. */
  readonly graph: ControlFlowGraph;
}

/** The graph of code in a configuration. */
export type Graphs = (configuration?: Configuration) => ControlFlowGraph;

/** What all functions of a text do: those that others of it call are gone through in place, on the callers' ways. */
export function functionFlows(
  code: AsmCode,
  functions: readonly AsmFunction[],
  options: RootOptions,
  graphs: Graphs = graphsOf(code),
): ReadonlyMap<AsmFunction, FlowOfRoot> {
  const called = calledNames(code, options);
  const isCalled = (fn: AsmFunction) => called.has(fn.name);
  const inOrder = [...functions.filter((fn) => !isCalled(fn)), ...functions.filter(isCalled)];
  const flows = new Map<AsmFunction, FlowOfRoot>();
  const seen = new Set<AsmInstruction>();
  for (const fn of inOrder) {
    const own = code.instructions.filter((instruction) => isIn(instruction, fn));
    if (own.some((instruction) => seen.has(instruction))) continue;
    const { flow, instructions } = flowFromFunction({ code, graphs, fn }, options);
    for (const instruction of instructions) seen.add(instruction);
    flows.set(fn, flow);
  }
  return flows;
}

/** Whether code stands in a function. */
export function isIn({ function: name, start, file }: CodePlace, fn: AsmFunction): boolean {
  return name === fn.name && start >= fn.start && start < fn.end && file === fn.file;
}

/** Functions of the code that other code of it calls or jumps to, or where VM-exit arrives. */
function calledNames({ instructions }: AsmCode, { exitLabels }: FlowOptions): ReadonlySet<string> {
  const names = instructions.flatMap((instruction) => {
    const label = targetLabel(instruction.operands);
    return label === null || label === instruction.function ? [] : [label];
  });
  return new Set([...names, ...exitLabels]);
}

interface RootResult {
  readonly flow: FlowOfRoot;
  readonly instructions: readonly AsmInstruction[];
}

/** A function that a flow begins with. */
interface Root {
  readonly code: AsmCode;
  readonly graphs: Graphs;
  readonly fn: AsmFunction;
}

/** The graphs of code, each made once; without a configuration all of it is built. */
export function graphsOf(code: AsmCode): Graphs {
  const known = new Map<string, ControlFlowGraph>();
  return ({ key, isBuilt } = ALL_BUILT) => {
    const graph = known.get(key) ?? controlFlowGraph(code, isBuilt);
    known.set(key, graph);
    return graph;
  };
}

function flowFromFunction({ code, graphs, fn }: Root, options: RootOptions): RootResult {
  const reachable = namesReached(code, fn.name);
  const own = code.instructions.filter((instruction) => reachable.has(instruction.function ?? ''));
  const flows = configurations(own).map((configuration) => {
    const { isBuilt } = configuration;
    const graph = graphs(configuration);
    const node = entryNode(graph, fn, isBuilt);
    const beginnings = node < 0 ? [] : [{ node, state: stateAtBeginning(options.wordSize) }];
    const observe = options.observerOf?.({ name: fn.name, configuration, graph });
    return { graph, flow: analyseFlow(graph, beginnings, { ...options, observe }) };
  });
  const [any] = flows;
  const flow = joinedFlow(flows.map((one) => one.flow));
  const instructions = any ? [...flow.reached].flatMap((at) => any.graph.nodes[at]?.instruction ?? []) : [];
  return { flow: flowOfRoot(flow, fn.name), instructions };
}

/** The node that a function begins with: what its label is before, else its first instruction; -1 where none is built. */
function entryNode({ nodes, labelled }: ControlFlowGraph, fn: AsmFunction, isBuilt: Configuration['isBuilt']): number {
  const isOwn = ({ instruction, alternative }: FlowNode) => {
    const place = instruction ?? alternative;
    return place !== null && isIn(place, fn) && isBuilt(place);
  };
  const begin = labelled(fn.name, fn.file);
  const node = begin === null ? undefined : nodes[begin];
  return begin !== null && node && isOwn(node) ? begin : nodes.findIndex(isOwn);
}

/** A function's name and those that it calls or jumps to, one by the other. */
function namesReached(code: AsmCode, name: string): ReadonlySet<string> {
  const names = new Set([name]);
  // A set's iteration goes on to what is added meanwhile.
  for (const caller of names) for (const label of labelsNamedBy(code).get(caller) ?? []) names.add(label);
  return names;
}

/** The labels that each function's instructions name. */
const labelsNamedBy = memoizeByIdentity(({ instructions }: AsmCode): ReadonlyMap<string, ReadonlySet<string>> => {
  const named = new Map<string, Set<string>>();
  for (const { function: caller, operands } of instructions) {
    const label = caller === null ? null : targetLabel(operands);
    if (caller === null || label === null) continue;
    const known = named.get(caller);
    if (known) known.add(label);
    else named.set(caller, new Set([label]));
  }
  return named;
});

function joinedFlow(flows: readonly Flow[]): Flow {
  return {
    accesses: flows.flatMap(({ accesses }) => accesses).sort((a, b) => a.node - b.node),
    entries: flows.flatMap(({ entries }) => entries),
    ends: flows.flatMap(({ ends }) => ends),
    registerSteps: flows.flatMap(({ registerSteps }) => registerSteps),
    doubts: flows.flatMap(({ doubts }) => doubts),
    reached: new Set(flows.flatMap(({ reached }) => [...reached])),
  };
}

function flowOfRoot({ accesses, registerSteps, entries, ends, doubts }: Flow, root: string | null): FlowOfRoot {
  const hasEntry = entries.length > 0;
  const steps = hasEntry ? agreedSteps(registerSteps) : [];
  const transfers = slotTransfers(accesses, {
    root,
    hasEntry,
    loadedAtEntry: hasEntry ? loadedBy(entries) : loadedByHelper(ends),
    halvesAtEntry: loadedBy(entries, 'half'),
    lastStores: lastStores(ends),
  });
  if (!hasEntry) return { transfers, steps, flow: null };
  const flow: WorldSwitchFlow = {
    entries: [...new Set(entries.map(({ instruction }) => instruction))],
    atEntry: registersAtEntry(entries),
    afterExit: lastWrites(ends),
    entersAgain: entries.some(({ isAgain }) => isAgain),
    hasEnd: ends.some(({ isAfterEntry }) => isAfterEntry),
    doubts: distinctDoubts(doubts),
  };
  return { transfers, steps, flow };
}

const MANY = { kind: 'values', name: '', start: 0, end: 0 } as const;

function registersAtEntry(entries: readonly EntryState[]): Map<Gpr, OriginSet> {
  const found = new Map<Gpr, OriginSet>();
  for (const { registers } of entries)
    for (const [gpr, values] of registers) found.set(gpr, union(found.get(gpr) ?? [], values, MANY));
  return found;
}

/** The keys of the stores since VM-exit that may be their words' last ones. */
function lastStores(ends: readonly MachineState[]): Set<string> {
  const words = ends.flatMap(({ written }) => [...written.values()]);
  return new Set(words.flatMap((word) => Array.from(word.by, (node) => slotKey(word, node))));
}

function lastWrites(ends: readonly MachineState[]): LastWrite[] {
  const after = ends.filter(({ isAfterEntry }) => isAfterEntry);
  const words = new Map<string, WrittenWord[]>();
  for (const { written } of after) for (const [key, word] of written) words.set(key, [...(words.get(key) ?? []), word]);
  return [...words.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const { base, displacement } = first;
    const values = all.reduce<OriginSet>((known, word) => union(known, word.values, MANY), []);
    const isOnEveryWay = all.length === after.length && all.every((word) => word.isOnEveryWay);
    return [{ base, displacement, values, isOnEveryWay }];
  });
}

/** An `asm()` statement: its code, and what registers hold when it begins, as far as the operands' constraints say. */
export interface AsmStatement extends AsmCode {
  readonly atBeginning: ReadonlyMap<Gpr, Origin>;
}

/** More than one `asm()` statement has. */
const MOST_NODES = 100_000;

/** What the `asm()` statements of one C function do, one after the other; of what C does between them, nothing is known. */
export function statementFlow(statements: readonly AsmStatement[], options: RootOptions): FlowOfRoot {
  const flows: Flow[] = [];
  let before: readonly MachineState[] = [stateAtBeginning(options.wordSize)];
  statements.forEach((statement, i) => {
    const parts = configurations(statement.instructions).map((configuration) => {
      const { isBuilt } = configuration;
      const graph = controlFlowGraph(statement, isBuilt);
      const node = graph.nodes.findIndex(({ instruction, alternative }) => {
        const place = instruction ?? alternative;
        return place !== null && isBuilt(place);
      });
      const beginnings = before.map((state): FlowBeginning => ({
        node,
        state: betweenStatements(state, statement, i > 0),
      }));
      const observe = options.observerOf?.({ name: null, configuration, graph });
      return analyseFlow(graph, node < 0 ? [] : beginnings, { ...options, observe, firstNode: i * MOST_NODES });
    });
    const flow = joinedFlow(parts);
    flows.push(flow);
    if (flow.ends.length > 0) before = flow.ends;
  });
  const all = joinedFlow(flows);
  return flowOfRoot({ ...all, ends: before }, null);
}

/** What registers hold at a statement's beginning, behind another one. */
function betweenStatements(
  state: MachineState,
  { atBeginning, instructions }: AsmStatement,
  isLater: boolean,
): MachineState {
  const registers = new Map(state.registers);
  const { start, end } = instructions[0] ?? MANY;
  const doubt = { kind: 'compiler', name: 'asm', start, end } as const;
  if (isLater)
    for (const [register, values] of registers) registers.set(register, union(values, [unknownFor(doubt)], doubt));
  for (const [gpr, origin] of atBeginning) registers.set(gpr, [origin]);
  return { ...state, registers, frame: isLater ? state.frame : FIRST_FRAME };
}
