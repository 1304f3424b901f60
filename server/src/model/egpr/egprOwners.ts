import { isOpen, NOTHING_UNKNOWN, type Owner, type Sync, type Unknowns } from '../../backends/owner.js';
import type { Place } from '../../backends/place.js';
import { cachePlace } from '../../facts/registers/copies.js';
import type { RegisterOwner } from '../registerModel.js';
import type { LocatedTransfer } from '../registerTransfers.js';
import type { TreeBackend } from '../treeBackends.js';
import { isKept, type EgprRegister } from './egprRegister.js';
import { missingParts } from './missingParts.js';

/** Where one of R16-R31 is while the guest runs, for every backend of the tree. */
export function egprOwners(register: EgprRegister, backends: readonly TreeBackend[]): RegisterOwner[] {
  return backends.map((backend) => {
    const owner = ownerFor(register, backend);
    return { ...owner, missing: missingParts(register, owner) };
  });
}

function ownerFor(register: EgprRegister, { name: backend, definition }: TreeBackend): Owner {
  const { member, name, state, accesses } = register;
  const component: Place = { kind: 'fpstate', name: state.component?.name ?? 'XSAVE', register: null };
  const owner = (sync: Sync, place: Place, used: readonly LocatedTransfer[] = []): Owner => ({
    backend,
    when: null,
    sync,
    place,
    load: used.filter((t) => t.from?.kind === 'hardware'),
    store: used.filter((t) => t.to?.kind === 'hardware'),
    unknown: NOTHING_UNKNOWN,
  });
  if (!isKept(register)) return unlessUndeclared(register, owner(state.component ? 'xsave' : 'none', component));
  if (definition?.hiddenIn) return owner('protected', definition.hiddenIn);
  const moves = register.moves.get(backend) ?? [];
  if (moves.length > 0) {
    const place: Place = { kind: 'hardware', name, register: member?.name ?? null };
    const moved = owner(moves.every(isInWorldSwitch) ? 'switched' : 'eager', place, moves);
    return { ...moved, unknown: unknownBeside(moved, register.unknown.get(backend) ?? NOTHING_UNKNOWN) };
  }
  if (accesses.length > 0) return owner('xsave', component, accesses);
  return ownerWithoutMoves(register, owner('none', member ? cachePlace(register.symbols, member.name) : component));
}

/** The owner of a register that the enum of the register cache lacks: not known, where a tree declares no such enum. */
function unlessUndeclared({ symbols }: EgprRegister, lacking: Owner): Owner {
  if (symbols.registers.members.some(({ declared }) => declared !== null)) return lacking;
  const why = 'is declared nowhere in this tree';
  const reasons = [{ file: '', line: null, what: 'enum kvm_reg', why }];
  return { ...lacking, sync: 'unknown', unknown: { load: reasons, store: reasons } };
}

/** What is not known of a register of which some moves are found: whether there are others, in a direction that has none. */
function unknownBeside({ load, store }: Owner, unknown: Unknowns): Unknowns {
  return { load: load.length > 0 ? [] : unknown.load, store: store.length > 0 ? [] : unknown.store };
}

/** The owner of a register that nothing is found to move: none, if the world switch is understood. */
function ownerWithoutMoves({ unknown }: EgprRegister, none: Owner): Owner {
  const open = unknown.get(none.backend) ?? NOTHING_UNKNOWN;
  return isOpen(open) ? { ...none, sync: 'unknown', unknown: open } : none;
}

/** Whether the assembly that enters the guest does a transfer, itself or by a call. */
function isInWorldSwitch({ context, node }: LocatedTransfer): boolean {
  return (context?.caller ?? node).asm !== null;
}
