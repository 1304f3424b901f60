import type { Owner } from '../../backends/owner.js';
import type { Transfer } from '../../backends/transfer.js';
import type { Register, RegisterModel } from '../../model/registerModel.js';
import type { SlotMove } from '../../model/slots.js';
import type { Finding, RelatedPlace, Rule } from '../finding.js';
import { setUses } from './lazySets.js';
import { wordAt, transferSpan } from './spans.js';
import { hasCallback, type TrackedCode, trackedCode } from './trackedCode.js';

const id = 'tracking/one-way';

/** A register that a backend takes out of hardware and never puts back, or the other way round. */
export const ONE_WAY: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A register is moved on one side of VM-entry and not on the other.',
  why: 'What the world switch stores after VM-exit it has to load before VM-entry, and what is copied out of the VMCS or VMCB has to get back there: else the guest, or KVM, goes on with a wrong value.',
  exemptions: [
    "Host registers that the world switch saves for itself: they are not the guest's.",
    'Protocols such as the GHCB and TDVMCALL arguments: each call says which registers pass, and which way.',
    'Control registers that are written through when KVM sets them.',
    'Copies of a backend of which the tree shows no code that runs a guest, or none that fetches registers: what is missing may be elsewhere.',
    'A special register whose copy no code changes: there is nothing to write back.',
    'PDPTRs that come from guest memory: the hardware has no field for them.',
  ],
  find: (model) => [...switchedOneWay(model), ...copiedOneWay(trackedCode(model))],
};

/** Registers that a world switch's assembly moves on one side only. */
function switchedOneWay(model: RegisterModel): Finding[] {
  const bySwitch = new Map<string, SlotMove[]>();
  for (const slot of model.slots) {
    if (!slot.isGuest || slot.transfer.side === 'no-entry') continue;
    const key = `${slot.file} ${slot.transfer.root ?? slot.function.name}`;
    bySwitch.set(key, [...(bySwitch.get(key) ?? []), slot]);
  }
  return [...bySwitch.values()].flatMap((slots) => {
    const isLoad = (slot: SlotMove) => slot.transfer.direction === 'load' && slot.transfer.side === 'before-entry';
    const isStore = (slot: SlotMove) => slot.transfer.direction === 'store' && slot.transfer.side === 'after-entry';
    const [loads, stores] = [slots.filter(isLoad), slots.filter(isStore)];
    const without = (some: readonly SlotMove[], others: readonly SlotMove[]) =>
      some.filter((slot) => !others.some((other) => other.member === slot.member));
    return [
      ...without(stores, loads).map((slot) =>
        switchFinding(model, slot, 'stored after VM-exit but not loaded before VM-entry', loads, 'loaded'),
      ),
      ...without(loads, stores).map((slot) =>
        switchFinding(model, slot, 'loaded before VM-entry but not stored after VM-exit', stores, 'stored'),
      ),
    ];
  });
}

function switchFinding(
  model: RegisterModel,
  { file, function: fn, member, name }: SlotMove,
  what: string,
  others: readonly SlotMove[],
  done: string,
): Finding {
  const entry = fn.entry
    ? [{ file, span: wordAt(model, file, fn.entry.offset), message: 'where the guest is entered' }]
    : [];
  const [other] = others;
  const beside = other ? [{ file, span: other.name, message: `where other registers are ${done}` }] : [];
  return {
    rule: id,
    file,
    span: { start: name.start, end: name.end },
    message: `${member.register} is ${what} in ${fn.name}`,
    related: [...entry, ...beside],
  };
}

/** The save area that a backend's registers are copied from and to; null for one whose registers KVM cannot see. */
function saveAreaOf({ backends }: RegisterModel, backend: string): string | null {
  const places = backends.find(({ name }) => name === backend)?.definition?.places ?? [];
  return places.find(({ role }) => role === 'save-area')?.kind ?? null;
}

/** Registers that C code copies between a save area and the cache one way only, or some of whose fields it does. */
function copiedOneWay(code: TrackedCode): Finding[] {
  return code.model.registers.flatMap((register) =>
    register.owners.flatMap((owner) => {
      const { member } = register;
      if (!member || register.class === 'exit-info' || saveAreaOf(code.model, owner.backend) === null) return [];
      if (!code.whole.has(owner.backend)) return [];
      const found = copiedOut(code, register, owner) ?? copiedIn(code, register, owner) ?? copiedInPart(owner);
      if (!found) return [];
      return [copyFinding(code, member.name, register.register, owner, found)];
    }),
  );
}

interface OneWay {
  readonly transfer: Transfer;
  readonly what: string;
}

/** Copied into the cache and never back. */
function copiedOut(code: TrackedCode, register: Register, owner: Owner): OneWay | null {
  if (owner.sync !== 'eager' && owner.sync !== 'lazy') return null;
  if (owner.place.kind !== saveAreaOf(code.model, owner.backend)) return null;
  const isStore = (t: Transfer) =>
    isFreelyWritten(register)
      ? t.phase === 'set' || (t.phase === 'vm-entry' && (t.isIfDirty || t.isOnEntryPath))
      : true;
  const load = owner.load.find((t) => t.phase === 'vm-exit' || t.phase === 'on-demand');
  const isChanged = register.transfers.some((t) => t.to?.kind === 'cache' && t.from?.kind !== owner.place.kind);
  if (!load || owner.store.some(isStore) || !(isChanged || isFreelyWritten(register))) return null;
  return { transfer: load, what: `is copied from ${owner.place.name} to the cache but never written back` };
}

/** Copied out of the cache and never in. Of a lazy register the rule on sets says so. */
function copiedIn(code: TrackedCode, register: Register, owner: Owner): OneWay | null {
  if (owner.sync !== 'intercepted' || owner.when !== null || !isFreelyWritten(register)) return null;
  if (!hasCallback(code, owner.backend)) return null;
  if (isInLazySet(code, register.member?.name ?? '', owner.backend)) return null;
  const store = owner.store.find((t) => t.phase === 'vm-entry' && t.to?.kind === saveAreaOf(code.model, owner.backend));
  return store
    ? { transfer: store, what: `is copied from the cache to ${store.to?.name ?? ''} but never back after VM-exit` }
    : null;
}

/** Of a register with several numbered fields (`GUEST_PDPTR0` ...): one that is read and not written, or written and not read. */
function copiedInPart({ load, store, place }: Owner): OneWay | null {
  const isField = (name: string | undefined) => name !== undefined && /\d$/.test(name);
  const read = load.filter((t) => t.from?.kind === place.kind && isField(t.from.name));
  const written = store.filter((t) => t.to?.kind === place.kind && isField(t.to.name));
  const notWritten = read.find((t) => !written.some((other) => other.to?.name === t.from?.name));
  const notRead = written.find((t) => !read.some((other) => other.from?.name === t.to?.name));
  if (read.length === 0 || written.length === 0) return null;
  if (notWritten)
    return { transfer: notWritten, what: `is read from ${notWritten.from?.name ?? ''}, which is never written` };
  return notRead ? { transfer: notRead, what: `is written to ${notRead.to?.name ?? ''}, which is never read` } : null;
}

function isInLazySet(code: TrackedCode, member: string, backend: string): boolean {
  return setUses(code).some(
    ({ fn, members, cleared }) =>
      cleared === 'members' && members?.includes(member) && code.backends.get(fn.file) === backend,
  );
}

/** What a guest writes without an exit, whatever is intercepted: the GPRs and the instruction pointer. */
function isFreelyWritten({ class: kind, register }: Register): boolean {
  return kind === 'gpr' || register === 'RIP';
}

function copyFinding(code: TrackedCode, member: string, register: string, owner: Owner, found: OneWay): Finding {
  const { transfer, what } = found;
  const others = owner.load.includes(transfer) ? owner.store : owner.load;
  const related = others.slice(0, 1).map((other): RelatedPlace => ({
    file: other.file,
    span: transferSpan(code.model, member, other),
    message: `what ${other.function} does is no part of VM-entry`,
  }));
  return {
    rule: id,
    file: transfer.file,
    span: transferSpan(code.model, member, transfer),
    message: `${register} ${what} (${owner.backend.toUpperCase()})`,
    related,
  };
}
