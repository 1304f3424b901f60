import { isWhileRunning, type Owner } from '../../backends/owner.js';
import type { Place } from '../../backends/place.js';
import type { Transfer } from '../../backends/transfer.js';
import { guestSlotMoves } from '../../model/query/assembly.js';
import { hasCacheCallback, saveAreaOf, vendorOfFile, wholeBackends } from '../../model/query/backends.js';
import { callersOf, functionNamed, isOnEntryPath } from '../../model/query/functions.js';
import { wordFrom } from '../../model/query/text.js';
import { transferSpan } from '../../model/query/transfers.js';
import type { Register, RegisterModel } from '../../model/registerModel.js';
import type { SlotMove } from '../../model/slots.js';
import { EGPRS } from '../../syntax/x86/registers.js';
import { finding, relatedPlace, type Finding, type Fix, type Rule } from '../finding.js';
import { isInLazySet } from './laziness.js';
import { copyAs, renamed } from './missingCopies.js';

const ID = 'tracking/one-way';

/** A register that a backend takes out of hardware and never puts back, or the other way round. */
export const oneWay: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register is moved on one side of VM-entry and not on the other.',
  why: 'What the world switch stores after VM-exit it has to load before VM-entry, and what is copied out of the VMCS or VMCB has to get back there: else the guest, or KVM, goes on with a wrong value.',
  exemptions: [
    "Host registers that the world switch saves for itself: they are not the guest's.",
    'Protocols such as the GHCB and TDVMCALL arguments: each call says which registers pass, and which way.',
    'Control registers that are written through when KVM sets them.',
    'Copies of a backend of which the tree shows no code that runs a guest, or none that fetches registers: what is missing may be elsewhere.',
    'A special register whose copy no code changes: there is nothing to write back.',
    'A register that code around VM-entry may move and does not tell: a field or a slot that only run time knows, an address that is handed on.',
    'PDPTRs that come from guest memory: the hardware has no field for them.',
  ],
  find: (model) => [...switchedOneWay(model), ...copiedOneWay(model).map((one) => copyFinding(model, one))],
  fixes: copyBack,
};

/** Registers that a world switch's assembly moves on one side only. */
function switchedOneWay(model: RegisterModel): Finding[] {
  const bySwitch = new Map<string, SlotMove[]>();
  for (const slot of guestSlotMoves(model)) {
    if (slot.transfer.side === 'no-entry') continue;
    const key = `${slot.transfer.rootFile ?? slot.file} ${slot.transfer.root ?? slot.function.name}`;
    bySwitch.set(key, [...(bySwitch.get(key) ?? []), slot]);
  }
  return [...bySwitch.values()].flatMap((slots) => {
    const isLoad = (slot: SlotMove) => slot.transfer.direction === 'load' && slot.transfer.side === 'before-entry';
    const isStore = (slot: SlotMove) => slot.transfer.direction === 'store' && slot.transfer.side === 'after-entry';
    const [loads, stores] = [slots.filter(isLoad), slots.filter(isStore)];
    const without = (some: readonly SlotMove[], others: readonly SlotMove[], direction: 'load' | 'store') =>
      some.filter((slot) => !others.some(({ member }) => member === slot.member) && isAbsent(model, slot, direction));
    return [
      ...runsOf(without(stores, loads, 'store')).map((run) => switchFinding(model, run, loads[0])),
      ...runsOf(without(loads, stores, 'load')).map((run) => switchFinding(model, run, stores[0])),
    ];
  });
}

/** Whether it is proved that a register of a world switch's moves is not moved in one direction, as its owner has that. */
function isAbsent({ registers }: RegisterModel, { file, member }: SlotMove, direction: 'load' | 'store'): boolean {
  const register = registers.find((any) => any.member === member);
  const isOwn = ({ load, store }: Owner) => [...load, ...store].some((t) => t.file === file);
  return register?.owners.filter(isOwn).every(({ unknown }) => unknown[direction].length === 0) ?? true;
}

/** Moves that one finding is about: of several of R16-R31 in a row, which a macro moves together, else one. */
type Run = readonly [SlotMove, ...SlotMove[]];

function runsOf(slots: readonly SlotMove[]): readonly Run[] {
  const order = [...EGPRS];
  const placeOf = ({ member }: SlotMove) => order.indexOf(member.register);
  return slots
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .reduce<readonly Run[]>((runs, slot) => {
      const run = runs.at(-1);
      const before = run?.at(-1);
      const isNext =
        before?.function === slot.function && placeOf(before) >= 0 && placeOf(slot) === placeOf(before) + 1;
      return run && isNext ? [...runs.slice(0, -1), [...run, slot]] : [...runs, [slot]];
    }, []);
}

/** `other`: a move on the side of VM-entry where the slots' own registers are not moved. */
function switchFinding(model: RegisterModel, run: Run, other: SlotMove | undefined): Finding {
  const [{ file, function: fn, member, name, transfer }] = run;
  const last = run.at(-1)?.member ?? member;
  const who = last === member ? `${member.register} is` : `${member.register}-${last.register} are`;
  const [what, lack] =
    transfer.direction === 'store'
      ? ['stored after VM-exit but not loaded before VM-entry', 'loaded']
      : ['loaded before VM-entry but not stored after VM-exit', 'stored'];
  const entry = fn.entry ? [relatedPlace(wordFrom(model, file, fn.entry.offset), 'where the guest is entered')] : [];
  const beside = other ? [relatedPlace({ file, ...other.name }, `where other registers are ${lack}`)] : [];
  return finding(ID, { file, ...name }, `${who} ${what} in ${fn.name}`, [...entry, ...beside]);
}

/** Registers that C code copies between a save area and the cache one way only, or some of whose fields it does. */
function copiedOneWay(model: RegisterModel): CopyOneWay[] {
  return model.registers.flatMap((register) =>
    register.owners.flatMap((owner) => {
      const { member } = register;
      if (!member || register.class === 'exit-info' || saveAreaOf(model, owner.backend) === null) return [];
      if (!wholeBackends(model).has(owner.backend)) return [];
      const copy: Copy = { register, member: member.name, owner };
      const found = copiedOut(model, copy) ?? copiedIn(model, copy) ?? copiedInPart(owner);
      return found ? [{ ...copy, ...found }] : [];
    }),
  );
}

/** How a backend keeps a register. */
interface Copy {
  readonly register: Register;
  readonly member: string;
  readonly owner: Owner;
}

interface OneWay {
  readonly transfer: Transfer;
  readonly what: string;
}

type CopyOneWay = Copy & OneWay;

/** Copied into the cache and never back. */
function copiedOut(model: RegisterModel, { register, owner }: Copy): OneWay | null {
  if (owner.sync !== 'eager' && owner.sync !== 'lazy') return null;
  if (owner.place.kind !== saveAreaOf(model, owner.backend)) return null;
  const isStore = (t: Transfer) =>
    isFreelyWritten(register)
      ? t.phase === 'set' || (t.phase === 'vm-entry' && (t.isIfDirty || isOnWay(model, t)))
      : true;
  const load = owner.load.find((t) => t.phase === 'vm-exit' || t.phase === 'on-demand');
  const isChanged = register.transfers.some((t) => t.to?.kind === 'cache' && t.from?.kind !== owner.place.kind);
  if (!load || owner.store.some(isStore) || owner.unknown.store.length > 0) return null;
  if (!isChanged && !isFreelyWritten(register)) return null;
  return { transfer: load, what: `is copied from ${owner.place.name} to the cache but never written back` };
}

/** Whether a function on the way to VM-entry does a transfer, or the backend's own leaves it to one that it calls. */
function isOnWay(model: RegisterModel, { isOnEntryPath: isOwn, function: name, file }: Transfer): boolean {
  const node = isOwn ? null : functionNamed(model, name, file);
  if (!node) return isOwn;
  const vendor = vendorOfFile(model, file);
  return callersOf(model, node).some(({ caller }) => {
    return vendor !== null && vendorOfFile(model, caller.file) === vendor && isOnEntryPath(model, caller);
  });
}

/** Copied out of the cache and never in. Of a lazy register the rule on sets says so. */
function copiedIn(model: RegisterModel, { register, member, owner }: Copy): OneWay | null {
  if (owner.load.some(isWhileRunning) || owner.unknown.load.length > 0) return null;
  if (owner.when !== null || !isFreelyWritten(register)) return null;
  if (!hasCacheCallback(model, owner.backend)) return null;
  if (isInLazySet(model, member, owner.backend)) return null;
  const store = owner.store.find((t) => t.phase === 'vm-entry' && t.to?.kind === saveAreaOf(model, owner.backend));
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

/** What a guest writes without an exit, whatever is intercepted: the GPRs and the instruction pointer. */
function isFreelyWritten({ class: kind, register }: Register): boolean {
  return kind === 'gpr' || register === 'RIP';
}

function copyFinding(model: RegisterModel, { register, member, owner, transfer, what }: CopyOneWay): Finding {
  const [other] = owner.load.includes(transfer) ? owner.store : owner.load;
  const related = other
    ? [relatedPlace(transferSpan(model, member, other), `what ${other.function} does is no part of VM-entry`)]
    : [];
  const message = `${register.register} ${what} (${owner.backend.toUpperCase()})`;
  return finding(ID, transferSpan(model, member, transfer), message, related);
}

/** Copies a register the other way too, as one is copied that is kept in the same way. */
function copyBack(model: RegisterModel, { file, span, message }: Finding): Fix[] {
  const isIt = (one: Finding) => one.file === file && one.span.start === span.start && one.message === message;
  const copy = copiedOneWay(model).find((one) => isIt(copyFinding(model, one)));
  if (!copy) return [];
  const others = model.registers.filter((any) => any !== copy.register);
  return others.flatMap((other) => copyBackAs(model, copy, other)).slice(0, 1);
}

/** As another register is copied in the opposite direction around VM-entry, between places that are called after it. */
function copyBackAs(model: RegisterModel, { register, owner, transfer }: CopyOneWay, other: Register): Fix[] {
  const isLoad = owner.load.includes(transfer);
  const kept = other.owners.find(({ backend, sync }) => backend === owner.backend && sync === owner.sync);
  const named = (place: Place | null) => renamed(place?.name ?? '', other.register, register.register);
  const back = kept?.[isLoad ? 'store' : 'load'].find(
    ({ phase, isIfDirty, from, to }) =>
      phase === (isLoad ? 'vm-entry' : 'vm-exit') &&
      !isIfDirty &&
      named(from) === transfer.to?.name &&
      named(to) === transfer.from?.name,
  );
  const edit = back ? copyAs(model, { ...back, register: other.register }, register.register) : null;
  const title = `${isLoad ? 'Write' : 'Copy'} ${register.register} back as ${other.register} is`;
  return edit ? [{ title, edits: [edit] }] : [];
}
