import type { Vocabulary } from '../facts/vocabulary.js';
import type { CallGraph, GraphNode } from './callGraph.js';

/** By what a condition tells which register is fetched when it is not available. */
export interface RegisterTests {
  /** Functions that test a register's avail bit by its number. */
  readonly available: ReadonlySet<string>;
  /** The enum's registers. */
  readonly members: ReadonlySet<string>;
  /** Functions that test and mark one register and leave the fetching to their caller: `vmx_segment_cache_test_set`. */
  readonly functions: ReadonlyMap<string, string>;
}

/** Finds a tree's availability tests. */
export function registerTests(graph: CallGraph, vocabulary: Vocabulary): RegisterTests {
  const indexed = [...vocabulary.indexed.values()];
  const functions = new Map<string, string>();
  for (const node of graph.nodes) {
    const register = testedRegister(node, vocabulary);
    if (register !== null) functions.set(node.name, register);
  }
  return {
    available: new Set(indexed.filter((fn) => fn.kind === 'test-available').map((fn) => fn.name)),
    members: new Set(
      vocabulary.registers.members.filter((member) => member.role === 'register').map((member) => member.name),
    ),
    functions,
  };
}

function testedRegister({ c }: GraphNode, vocabulary: Vocabulary): string | null {
  const available = new Set<string>();
  const tested: string[] = [];
  for (const call of c?.callFacts ?? []) {
    const callee = vocabulary.indexed.get(call.callee);
    const argument = callee && call.arguments[callee.parameter];
    if (argument === undefined || !vocabulary.registers.byName.has(argument)) continue;
    if (callee?.kind === 'mark-available') available.add(argument);
    if (callee?.kind === 'test-available') tested.push(argument);
  }
  const fetches = c?.moves.some((move) => move.from !== null) ?? false;
  return fetches ? null : (tested.find((name) => available.has(name)) ?? null);
}
