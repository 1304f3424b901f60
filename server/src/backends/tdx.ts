import type { Backend, OwnedRegister, OwnerParts, OwnerQuery } from './backend.js';
import { isArchitectural, isNoneOfProtected, undecidedOwner } from './protectedGuest.js';
import { ownerParts } from './saveArea.js';
import type { Transfer } from './transfer.js';

/** Intel TDX: the TDX module keeps a TD's registers; KVM sees the arguments of the calls by which a TD is entered and left. */
export const TDX: Backend = {
  name: 'tdx',
  title: 'TDX',
  vendor: 'tdx',
  cpus: [],
  hiddenIn: { kind: 'tdx', name: 'TDX module', register: null },
  entry: {
    instructions: [],
    // Intel TDX module ABI, TDH.VP.ENTER; asm/tdx.h.
    call: {
      name: 'tdh.vp.enter',
      leaf: 'TDH_VP_ENTER',
      function: 'tdh_vp_enter',
      assembly: /(?:^|\/)virt\/vmx\/tdx\//,
    },
    exitTitle: 'VM-exit',
    claims: null,
  },
  places: [
    {
      kind: 'tdx',
      words: {
        title: 'TDX arguments',
        lead: 'the TDX argument ',
        cell: 'TDX ',
        kept: 'TDX module, not visible',
        hidden: 'is kept by the TDX module and not visible to KVM',
        passing: {
          sentence: (field, by) => `is not visible; this cache slot passes the TDVMCALL argument ${field}${by}`,
          in: (field) => `this slot gets the guest's ${field.toUpperCase()} of a TDVMCALL, `,
          out: (field) => `this slot is put into ${field.toUpperCase()} by `,
          isOneWay: true,
          always: 'TDX module, argument ',
          short: (field) => `TDVMCALL ${field.toUpperCase()}`,
        },
      },
      role: 'protocol',
      loadsXsaveState: false,
      // A TDVMCALL's R10 is no register of that name by the time that KVM reads it.
      holds: null,
      tells: (field) => RETURNED.get(field) ?? null,
    },
  ],
  structs: {
    // Intel TDX module ABI: the registers of a SEAMCALL; asm/tdx.h, asm/shared/tdx.h.
    tdx_module_args: { kind: 'tdx', prefix: '' },
  },
  members: { vp_enter_args: 'tdx_module_args' },
  placeFunction: () => null,
  ownersOf,
};

/** What TDH.VP.ENTER returns of a TD's exit that is no TDVMCALL: of one, the same registers are the guest's (Intel TDX module ABI). */
const RETURNED: ReadonlyMap<string, string> = new Map([
  ['rcx', 'exit qualification'],
  ['rdx', 'extended exit qualification'],
  ['r8', 'guest-physical address of the exit'],
  ['r9', 'exit interruption information'],
]);

function ownersOf<T extends Transfer>(register: OwnedRegister, query: OwnerQuery<T>): readonly OwnerParts[] {
  const load = query.loadsFrom('tdx');
  const store = query.storesTo('tdx');
  if (load.length + store.length > 0) {
    const name = load[0]?.from?.name ?? store[0]?.to?.name ?? '';
    const sync = register.class === 'exit-info' ? 'eager' : 'partial';
    return [ownerParts(sync, { kind: 'tdx', name, register: null }, { load, store })];
  }
  if (isNoneOfProtected(register)) return [ownerParts('none', query.storage)];
  if (!isArchitectural(register)) return [undecidedOwner(register, query.storage, 'a TD')];
  return [ownerParts('protected', { kind: 'tdx', name: 'TDX module', register: null })];
}
