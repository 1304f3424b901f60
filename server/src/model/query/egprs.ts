import type { Transfer } from '../../backends/transfer.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { groupBy } from '../groupBy.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { fileOffset } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';

/** An access to one of R16-R31 in hardware. */
export interface EgprAccess {
  readonly register: Register;
  readonly transfer: Transfer;
}

/** The access to one of R16-R31, of those that the enum lacks, that an `asm` at an offset of a file does; null for none. */
export function egprAccessAt(model: RegisterModel, path: string, offset: number): EgprAccess | null {
  return accessesByPlace(model).get(`${path} ${String(offset)}`)?.[0] ?? null;
}

const accessesByPlace = memoizeByIdentity((model: RegisterModel) =>
  groupBy(
    keptOutside(model).flatMap((register) => register.transfers.map((transfer) => ({ register, transfer }))),
    ({ transfer }) => (transfer.other === '' ? null : `${transfer.file} ${String(transfer.offset)}`),
  ),
);

/** The one of R16-R31, of those that the enum lacks, that a name for its number ends with: `__VCPU_XREG_R20`; null for none. */
export function egprNumbered(model: RegisterModel, name: string): Register | null {
  return keptOutside(model).find(({ register }) => name.endsWith(`_${register}`)) ?? null;
}

/** The registers that the enum lacks and KVM accesses all the same. */
const keptOutside = memoizeByIdentity(({ registers }: RegisterModel) =>
  registers.filter(({ member, transfers }) => member === null && transfers.length > 0),
);

/** Where C sets a flag that assembly tests before it moves R16-R31. */
export interface FlagSetting {
  readonly function: string;
  readonly file: string;
  /** Offset in the file. */
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The places where C sets a flag, by the name that assembly tests; none of any other word. */
export function flagSettings({ graph }: RegisterModel, name: string): FlagSetting[] {
  return graph.tellingNodes.flatMap((node) =>
    (node.c?.apx.flags ?? []).flatMap(({ flag, offset, guards }) =>
      flag === name ? [{ function: node.name, file: node.file, offset: fileOffset(node, offset), guards }] : [],
    ),
  );
}

/** Whether a tree has code that moves R16-R31: a series that gives them to guests is applied, if only in part. */
export function movesEgprs({ registers }: RegisterModel): boolean {
  return registers.some(({ egpr, transfers }) => egpr !== null && transfers.length > 0);
}
