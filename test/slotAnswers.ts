import { BACKENDS, entryInstructions } from '../server/src/backends/registry.js';
import { functionMoves } from '../server/src/facts/assembly/asmFunction.js';
import { enteringFunctions } from '../server/src/facts/assembly/guestEntries.js';
import { includeReader } from '../server/src/facts/assembly/includes.js';
import { namesInC } from '../server/src/facts/assembly/namesInC.js';
import { outlineSource } from '../server/src/facts/source/sourceOutline.js';
import { readAssembly, readAssemblyText } from '../server/src/syntax/assembler/readAssembly.js';
import type { Place } from '../server/src/syntax/flow/origin.js';
import { slotAnswer, type SlotAnswer } from '../server/src/syntax/flow/slotAnswer.js';
import type { WorldSwitchFlow } from '../server/src/syntax/flow/worldSwitchFlow.js';
import { GPRS, type Gpr } from '../server/src/syntax/x86/registers.js';

/** Text files by their paths. */
export type Texts = Readonly<Record<string, string>>;

export const DIRECTIONS = ['load', 'store'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The GPRs that there are without Intel APX. */
export const CLASSIC_GPRS = GPRS.slice(0, 16);

/** What is said of each register and direction: `load RAX`. */
export type Answers = ReadonlyMap<string, SlotAnswer>;

/** Where a world switch finds the register array. */
export interface ArrayPlace {
  /** The symbols that are its offset in a vendor's vCPU. */
  readonly symbols: ReadonlySet<string>;
  /** The number of the argument that it is given as, counted from 1; null without one. */
  readonly argument: number | null;
}

/** The register array of a tree whose kvm-asm-offsets.c gives its offsets. */
export function arrayPlace(files: Texts, argument: number | null): ArrayPlace {
  const uses = Object.values(files).flatMap((text) => [
    ...text.matchAll(/\bOFFSET\((\w+), \w+, [\w.]*\barch\.regs\)/g),
  ]);
  return { symbols: new Set(uses.flatMap(([, symbol]) => symbol ?? [])), argument };
}

/** Whether a word of memory is a register's slot in a 64-bit kernel; null where its base may be anything. */
export function isSlotOf(gpr: Gpr, array: ArrayPlace): (place: Place) => boolean | null {
  const number = GPRS.indexOf(gpr);
  return ({ base, displacement }) => {
    const [name, another] = displacement?.symbols.keys() ?? [];
    const word = wordInC(base);
    const slot = /\[VCPU_REGS_(\w+)\]\)?$/.exec(name ?? word ?? '')?.[1];
    if (slot !== undefined) return slot === gpr;
    if (word !== null) return null;
    if (displacement?.constant !== 8 * number || another !== undefined) return false;
    if (name !== undefined) return array.symbols.has(name);
    if (base.kind === 'operand') return /\barch\.regs$/.test(base.expression);
    return base.kind === 'argument' && base.index === array.argument;
  };
}

/** The word of memory that an operand of an `asm()` statement is; null for what is none, or a pointer. */
function wordInC(base: Place['base']): string | null {
  return base.kind === 'operand' && base.expression.startsWith('&') ? base.expression : null;
}

/** What the flow of a function says of each register. */
export function answersOf(flow: WorldSwitchFlow, array: ArrayPlace): Answers {
  return new Map(
    DIRECTIONS.flatMap((direction) =>
      CLASSIC_GPRS.map(
        (gpr) => [`${direction} ${gpr}`, slotAnswer(flow, { gpr, direction, isSlot: isSlotOf(gpr, array) })] as const,
      ),
    ),
  );
}

/** The flows of a file's functions that enter a guest, by their names, when the file has a text. */
export type FlowReader = (text: string) => ReadonlyMap<string, WorldSwitchFlow>;

/** Reads a tree's assembly file, each time with another text of it. */
export function flowReader(files: Texts, path: string): FlowReader {
  const all = Object.entries(files).map(([name, text]) => ({ path: name, text }));
  const outlines = all
    .filter((file) => file.path.endsWith('.c') && /HOST_RIP|noreturn|panic/.test(file.text))
    .map((file) => outlineSource(file.path, file.text));
  const names = namesInC(outlines, [{ path, text: files[path] ?? '' }]);
  const environments = includeReader(all);
  const instructions = entryInstructions(BACKENDS);
  return (text) => {
    const code = readAssembly(readAssemblyText(text), environments.environment({ path, text }, 8));
    const entering = { instructions, functions: enteringFunctions(code.instructions, instructions) };
    const movesOf = functionMoves(code, 8, { ...names, entering });
    return new Map(
      code.functions.flatMap((fn) => {
        const { flow } = movesOf(fn);
        return flow ? [[fn.name, flow] as const] : [];
      }),
    );
  };
}
