import { cachePlace } from '../../facts/registers/copies.js';
import type { Place } from '../../facts/registers/places.js';
import type { Backend, Owner, Sync } from '../registerModel.js';
import type { LocatedTransfer } from '../registerTransfers.js';
import { isKept, type EgprOwner, type EgprRegister } from './egprRegister.js';
import { egprSummary } from './egprSummary.js';
import { missingParts } from './missingParts.js';

/** Where one of R16-R31 is while the guest runs, for every backend of the tree. */
export function egprOwners(register: EgprRegister, backends: readonly Backend[]): Owner[] {
  return backends.map(({ name }) => {
    const owner = ownerFor(register, name);
    const missing = missingParts(register, owner);
    return { ...owner, missing, summary: egprSummary(register, owner, missing) };
  });
}

function ownerFor(register: EgprRegister, backend: string): EgprOwner {
  const { member, name, state, accesses } = register;
  const component: Place = { kind: 'fpstate', name: state.component?.name ?? 'XSAVE', register: null };
  const owner = (sync: Sync, place: Place, used: readonly LocatedTransfer[] = []): EgprOwner => ({
    backend,
    when: null,
    sync,
    place,
    load: used.filter((t) => t.from?.kind === 'hardware'),
    store: used.filter((t) => t.to?.kind === 'hardware'),
  });
  if (!isKept(register)) return owner(state.component ? 'xsave' : 'none', component);
  if (backend === 'sev-es') return owner('protected', { kind: 'vmsa', name: 'VMSA', register: null });
  if (backend === 'tdx') return owner('protected', { kind: 'tdx', name: 'TDX module', register: null });
  const moves = register.moves.get(backend) ?? [];
  if (moves.length > 0)
    return owner(
      moves.every(isInWorldSwitch) ? 'switched' : 'eager',
      { kind: 'hardware', name, register: member?.name ?? null },
      moves,
    );
  if (accesses.length > 0) return owner('xsave', component, accesses);
  return owner('none', member ? cachePlace(register.symbols, member.name) : component);
}

/** Whether the assembly that enters the guest does a transfer, itself or by a call. */
function isInWorldSwitch({ context, node }: LocatedTransfer): boolean {
  return (context?.caller ?? node).asm !== null;
}
