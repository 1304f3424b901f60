import type { WorldSwitchFlow } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import type { Place } from '../../server/src/syntax/flow/origin.js';
import { slotAnswer, type SlotAnswer } from '../../server/src/syntax/flow/slotAnswer.js';
import { GPRS, type Gpr } from '../../server/src/syntax/x86/registers.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import type { Run } from './emulator.js';
import type { Texts } from './program.js';

export const DIRECTIONS = ['load', 'store'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The GPRs that kernels have without Intel APX, which the emulator lacks. */
export const CLASSIC_GPRS = GPRS.slice(0, 16);

/** The registers that are moved, by direction. */
export type Moves = Readonly<Record<Direction, readonly Gpr[]>>;

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
    const slot = /\[VCPU_REGS_(\w+)\]\)?$/.exec(name ?? '')?.[1];
    if (slot !== undefined) return slot === gpr;
    if (displacement?.constant !== 8 * number || another !== undefined) return false;
    if (name !== undefined) return array.symbols.has(name);
    if (base.kind === 'operand') return /\barch\.regs$/.test(base.expression);
    return base.kind === 'argument' && base.index === array.argument;
  };
}

/** What the flow of a function says of each register. */
export function answersOf(flow: WorldSwitchFlow, array: ArrayPlace): ReadonlyMap<string, SlotAnswer> {
  return new Map(
    DIRECTIONS.flatMap((direction) =>
      CLASSIC_GPRS.map(
        (gpr) => [`${direction} ${gpr}`, slotAnswer(flow, { gpr, direction, isSlot: isSlotOf(gpr, array) })] as const,
      ),
    ),
  );
}

/** The flow of a model's function that enters a guest. */
export function flowIn(model: RegisterModel, name: string): WorldSwitchFlow {
  const fn = model.assembly.flatMap(({ functions }) => functions).find((one) => one.name === name && one.flow !== null);
  if (!fn?.flow) throw new Error(`${name} enters no guest`);
  return fn.flow;
}

/** The registers whose answer is of a kind. */
export function registersWith(kind: SlotAnswer['kind'], answers: ReadonlyMap<string, SlotAnswer>): Moves {
  const having = (direction: Direction) =>
    CLASSIC_GPRS.filter((gpr) => answers.get(`${direction} ${gpr}`)?.kind === kind);
  return { load: having('load'), store: having('store') };
}

/** The registers that any of some runs moved. */
export function movedIn(runs: readonly Run[]): Moves {
  const moved = (direction: Direction) =>
    CLASSIC_GPRS.filter((gpr) => runs.some((run) => run[direction].includes(gpr)));
  return { load: moved('load'), store: moved('store') };
}

/** The registers that the map has moved to or from their own slots in a function, or in helpers that it calls: also where that is undone. */
export function movesInMap({ slots }: RegisterModel, path: string, name: string): Moves {
  const moves = slots.filter(
    ({ file, isGuest, function: fn, transfer }) => file === path && isGuest && (transfer.root ?? fn.name) === name,
  );
  const moved = (direction: Direction) =>
    CLASSIC_GPRS.filter((gpr) =>
      moves.some(
        ({ member, transfer }) => member.register === gpr && transfer.gpr === gpr && transfer.direction === direction,
      ),
    );
  return { load: moved('load'), store: moved('store') };
}
