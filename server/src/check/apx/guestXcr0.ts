import type { Transfer } from '../../backends/transfer.js';
import { groupBy } from '../../model/groupBy.js';
import { wordFrom } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { distinctGuards, conjunctionText } from '../../syntax/conditions/guard.js';
import { finding, type Finding, type Rule } from '../finding.js';

const ID = 'apx/guest-xcr0';

/** Moves of R16-R31 with a guest's XCR0 that may lack APX. */
export const guestXcr0: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: "R16-R31 are moved with the guest's XCR0, and no condition tells that it has APX.",
  why:
    "An instruction that names one of R16-R31 is #UD where XCR0 lacks APX (Intel APX specification, 3.1.4). What the kernel's configuration, the host's CPU or a " +
    'static key says holds for guests without APX too, and so does a run flag that is set under such conditions alone.',
  exemptions: [
    "Moves while the host's XCR0 is loaded, and where XCR0 is loaded in two steps those before the last.",
    'A run flag that a value decides which is not read.',
  ],
  find: (model) => {
    const keyOf = ({ transfer, isLoad }: UnsafeMove) => `${transfer.file} ${transfer.function} ${String(isLoad)}`;
    return [...groupBy(unsafeMoves(model), keyOf).values()].flatMap((moves) => moveFinding(model, moves));
  },
};

interface UnsafeMove {
  readonly register: string;
  readonly transfer: Transfer;
  /** From the cache to hardware. */
  readonly isLoad: boolean;
}

/** The moves that an owner's lack of a test is about, by register. */
function unsafeMoves({ registers }: RegisterModel): UnsafeMove[] {
  return registers.flatMap(({ register, owners }) =>
    owners.flatMap(({ missing, load, store }) => {
      const untested = missing.filter((part) => part.kind === 'no-xcr0-test');
      const unsafeIn = (moves: readonly Transfer[], side: 'load' | 'store') =>
        moves.filter((t) =>
          untested.some(({ function: name, only }) => name === t.function && (only ?? side) === side),
        );
      return [
        ...unsafeIn(store, 'store').map((transfer) => ({ register, transfer, isLoad: true })),
        ...unsafeIn(load, 'load').map((transfer) => ({ register, transfer, isLoad: false })),
      ];
    }),
  );
}

/** The finding for the moves of a function in one direction. */
function moveFinding(model: RegisterModel, moves: readonly UnsafeMove[]): Finding[] {
  const [first] = moves;
  const last = moves.at(-1);
  if (!first || !last) return [];
  const { transfer, isLoad, register } = first;
  const names = last.register === register ? `${register} is` : `${register}-${last.register} are`;
  const conditions = distinctGuards(transfer.conditions);
  const tested = conditions.length > 0 ? `only ${conjunctionText(conditions)} is tested` : 'nothing is tested';
  const moved = isLoad ? 'loaded before VM-entry' : 'stored after VM-exit';
  const message = `${names} ${moved} with the guest's XCR0, and ${tested}: #UD for a guest without APX`;
  return [finding(ID, wordFrom(model, transfer.file, transfer.offset), message)];
}
