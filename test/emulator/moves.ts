import type { WorldSwitchFlow } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import type { SlotAnswer } from '../../server/src/syntax/flow/slotAnswer.js';
import type { Gpr } from '../../server/src/syntax/x86/registers.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { CLASSIC_GPRS, type Answers, type Direction } from '../slotAnswers.js';
import type { Run } from './emulator.js';

/** The registers that are moved, by direction. */
export type Moves = Readonly<Record<Direction, readonly Gpr[]>>;

/** The flow of a model's function that enters a guest. */
export function flowIn(model: RegisterModel, name: string): WorldSwitchFlow {
  const fn = model.assembly.flatMap(({ functions }) => functions).find((one) => one.name === name && one.flow !== null);
  if (!fn?.flow) throw new Error(`${name} enters no guest`);
  return fn.flow;
}

/** The registers whose answer is of a kind. */
export function registersWith(kind: SlotAnswer['kind'], answers: Answers): Moves {
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

/** The registers that the map has moved to or from their own slots in a function, or in helpers that it calls. */
export function movesInMap({ slots }: RegisterModel, path: string, name: string): Moves {
  const moves = slots.filter(
    ({ file, isGuest, function: fn, transfer }) =>
      (transfer.rootFile ?? file) === path && isGuest && (transfer.root ?? fn.name) === name,
  );
  const moved = (direction: Direction) =>
    CLASSIC_GPRS.filter((gpr) =>
      moves.some(({ member, transfer }) => member.register === gpr && transfer.direction === direction),
    );
  return { load: moved('load'), store: moved('store') };
}
