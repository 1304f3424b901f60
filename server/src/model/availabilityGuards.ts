import type { FileFacts } from '../facts/fileFacts.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import { callsOf } from './callIndex.js';

/** By what a condition tells which register is fetched when it is not available. */
export interface AvailabilityGuards {
  /** Functions that test a register's avail bit by its number. */
  readonly available: ReadonlySet<string>;
  /** The enum's registers. */
  readonly members: ReadonlySet<string>;
  /** Functions that test and mark one register and leave the fetching to their caller: `vmx_segment_cache_test_set`. */
  readonly functions: ReadonlyMap<string, string>;
}

/** Finds a tree's availability tests. */
export function availabilityGuards(files: readonly FileFacts[], symbols: TreeSymbols): AvailabilityGuards {
  const indexed = [...symbols.indexed.values()];
  const functions = new Map<string, string>();
  const tests = indexed.filter((fn) => fn.kind === 'test-available').map((fn) => fn.name);
  for (const { caller } of tests.flatMap((name) => callsOf(files, name))) {
    const register = testedRegister(caller, symbols);
    if (register !== null) functions.set(caller.name, register);
  }
  return {
    available: new Set(tests),
    members: new Set(
      symbols.registers.members.filter((member) => member.role === 'register').map((member) => member.name),
    ),
    functions,
  };
}

function testedRegister({ callFacts, moves }: FunctionFacts, symbols: TreeSymbols): string | null {
  const available = new Set<string>();
  const tested: string[] = [];
  for (const call of callFacts) {
    const callee = symbols.indexed.get(call.callee);
    const argument = callee && call.arguments[callee.parameter];
    if (argument === undefined || !symbols.registers.byName.has(argument)) continue;
    if (callee?.kind === 'mark-available') available.add(argument);
    if (callee?.kind === 'test-available') tested.push(argument);
  }
  const fetches = moves.some((move) => move.from !== null);
  return fetches ? null : (tested.find((name) => available.has(name)) ?? null);
}
