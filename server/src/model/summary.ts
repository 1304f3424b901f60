import type { RegisterMember } from '../facts/registers/registerFile.js';
import type { Owner, Transfer } from './registerModel.js';

/** One plain sentence that says where a register is for a backend, and how it gets to the cache and back. */
export function summaryOf(member: RegisterMember, owner: Omit<Owner, 'summary' | 'missing'>): string {
  const name = member.register;
  const { place, load, store } = owner;
  switch (owner.sync) {
    case 'switched':
      return `${name} is in hardware while the guest runs; ${both(stepOf(load, 'stored to the cache', 'after VM-exit'), stepOf(store, 'loaded from it', 'before VM-entry'))}.`;
    case 'eager':
      return `${name} is in the ${place.kind.toUpperCase()} ${place.name}; ${both(stepOf(load, 'copied to the cache', 'at every VM-exit'), stepOf(store, 'copied back', 'at VM-entry'))}.`;
    case 'lazy':
      return `${name} is in ${place.kind === 'memory' ? place.name : `the ${place.kind.toUpperCase()} ${place.name}`}, read when needed${inFunction(load)}; ${written(store)}.`;
    case 'direct':
      return `${name} is in the ${place.kind.toUpperCase()} ${place.name} and is not cached: each access goes there.`;
    case 'intercepted':
      return `The cache owns ${name}: guest writes trap; ${store.length > 0 ? `KVM sets hardware's copy${inFunction(store)}` : "hardware runs with KVM's own value"}.`;
    case 'partial':
      return place.kind === 'ghcb'
        ? `${name} is in the encrypted VMSA; KVM sees only what the guest puts in the GHCB${inFunction(load)}${store.some((t) => t.to?.kind === 'ghcb') ? ' and answers there' : ''}.`
        : place.kind === 'tdx'
          ? `${name} is not visible; this cache slot passes the TDVMCALL argument ${place.name}${inFunction([...load, ...store])}.`
          : `${name} is in the encrypted VMSA; a write trap tells KVM new values${inFunction(load)}.`;
    case 'protected':
      return place.kind === 'vmsa'
        ? `${name} is in the encrypted VMSA and not visible to KVM${store.length > 0 ? `; written once, before launch${inFunction(store)}` : ''}.`
        : `${name} is kept by the TDX module and not visible to KVM.`;
    case 'xsave':
      return `${name} lives in the XSAVE component ${place.name}; KVM has no storage for it.`;
    case 'none':
      return `${name} is not tracked here.`;
  }
}

function inFunction(transfers: readonly Transfer[]): string {
  const [first] = transfers;
  return first ? ` by ${first.function}` : '';
}

function stepOf(transfers: readonly Transfer[], what: string, when: string): string | null {
  const [first] = transfers;
  return first ? `${what} ${when} by ${first.function}` : null;
}

function both(load: string | null, store: string | null): string {
  if (load === null) return `${store ?? 'never copied'}, but never the other way`;
  return store === null ? `${load}, but never written back` : `${load}, ${store}`;
}

function written(store: readonly Transfer[]): string {
  const back = store.find((t) => t.phase === 'vm-entry');
  if (back) return `written back at VM-entry${back.isIfDirty ? ' if dirty' : ''} by ${back.function}`;
  const [through] = store;
  return through ? `written through by ${through.function}` : 'never written back';
}
