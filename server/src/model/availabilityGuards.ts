import type { FileFacts } from '../facts/fileFacts.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import { bitTest } from '../facts/registers/registerBits.js';
import { memberWritten } from '../facts/registers/registerFile.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import type { Atom } from '../syntax/conditions/condition.js';
import { literalsOf, type Guard } from '../syntax/conditions/guard.js';

/** By what a condition tells which register is fetched when it is not available, apart from tests of its bit. */
interface AvailabilityGuards {
  /** Functions that test and mark one register and leave the fetching to their caller: `vmx_segment_cache_test_set`. */
  readonly functions: ReadonlyMap<string, string>;
  /** Members that say which parts of a register were fetched, and are set to 0 where it is not available: `segment_cache_valid`. */
  readonly flags: ReadonlyMap<string, string>;
}

/** Gives the register that guards test the availability of, by its enum member; null where they test none's. */
export function availabilityTest(
  files: readonly FileFacts[],
  symbols: TreeSymbols,
): (guards: readonly Guard[]) => string | null {
  const known = availabilityGuards(files, symbols);
  return (guards) => {
    for (const { atom, holds } of literalsOf(guards)) {
      const register = holds ? null : testedRegister(symbols, known, atom);
      if (register !== null) return register;
    }
    return null;
  };
}

function testedRegister(symbols: TreeSymbols, { functions, flags }: AvailabilityGuards, atom: Atom): string | null {
  const test = bitTest(symbols, atom);
  if (test) {
    const member = test.bit === 'available' ? memberWritten(symbols.registers, test.number) : undefined;
    return member?.role === 'register' ? member.name : null;
  }
  if (atom.kind === 'call') return functions.get(atom.callee) ?? null;
  const flag = atom.kind === 'bits' ? atom.value : atom.kind === 'value' ? atom.text : '';
  return flags.get(lastMember(flag)) ?? null;
}

function availabilityGuards(files: readonly FileFacts[], symbols: TreeSymbols): AvailabilityGuards {
  const functions = new Map<string, string>();
  const flags = new Map<string, string>();
  const none = { functions: new Map<string, string>(), flags: new Map<string, string>() };
  for (const { facts } of files.flatMap((file) => file.tellingFunctions)) {
    const register = testedAndMarked(symbols, facts);
    if (register === null) continue;
    const cleared = facts.clearedMembers.filter(({ guards }) =>
      literalsOf(guards).some(({ atom, holds }) => !holds && testedRegister(symbols, none, atom) === register),
    );
    for (const { member } of cleared) flags.set(member, register);
    if (facts.moves.every(({ from }) => from === null)) functions.set(facts.name, register);
  }
  return { functions, flags };
}

/** The register that a function both tests and marks available, by its name; null without one. */
function testedAndMarked(symbols: TreeSymbols, { references, bitmapChanges }: FunctionFacts): string | null {
  const marks = bitmapChanges.filter(({ bitmap, operator }) => bitmap === 'available' && operator === '|=');
  const numbers = marks.flatMap((mark) => mark.numbers);
  const marked = new Set([
    ...references.flatMap(({ kind, register }) => (kind === 'mark-available' ? [register] : [])),
    ...numbers.map((number) => memberWritten(symbols.registers, number)?.name ?? null),
  ]);
  const tested = [
    ...references.flatMap(({ kind, register }) => (kind === 'test-available' ? [register] : [])),
    // A mask that is kept in a variable is no test by itself; the mark is under it.
    ...literalsOf(marks.flatMap(({ guards }) => guards)).map(({ atom }) => testedNumber(symbols, atom)),
  ];
  return tested.find((register) => register !== null && marked.has(register)) ?? null;
}

function testedNumber(symbols: TreeSymbols, atom: Atom): string | null {
  const test = bitTest(symbols, atom);
  return test?.bit === 'available' ? (memberWritten(symbols.registers, test.number)?.name ?? null) : null;
}

function lastMember(expression: string): string {
  return /\b(\w+)$/.exec(expression)?.[1] ?? expression;
}
