import type { TreeBackend } from './treeBackends.js';
import { unknownVendorsByFile } from './unknownVendors.js';
import type { OwnerParts, OwnerQuery } from '../backends/backend.js';
import type { Reason } from '../backends/owner.js';
import { nameSpan } from './callGraph.js';
import { vendorsByFile } from './vendorFiles.js';
import { exitHandlers, reachedFromHandlers } from './exitHandlers.js';
import { ownConditions } from './loadConditions.js';
import { switchUnknowns } from './switchUnknowns.js';
import { missingFetches, opaqueTests, unreadCode, unreadFetches, unreadParts } from './unreadCode.js';
import type { Reference, ReferenceKind } from '../facts/registers/reference.js';
import { UNKNOWN_PLACE, type Place, type PlaceKind } from '../backends/place.js';
import { ownerParts } from '../backends/saveArea.js';
import { cachePlace } from '../facts/registers/copies.js';
import type { RegisterMember } from '../facts/registers/registerMember.js';
import { CACHE_MEMBER, CACHE_STRUCT } from '../facts/symbols/cacheNames.js';
import { hasGuard, type Guard } from '../syntax/conditions/guard.js';
import {
  holdsRegister,
  isCacheOf,
  isFetch,
  loadsFrom,
  loadsFromMemory,
  storesTo,
  type OwnerInputs,
} from './ownerInputs.js';
import { opaqueMovesOf } from './opaqueMoves.js';
import type { RegisterOwner } from './registerModel.js';
import type { LocatedTransfer } from './registerTransfers.js';

/** The owners of a register that the enum has, for every backend of the tree. */
export function ownersOf(
  inputs: OwnerInputs,
  member: RegisterMember,
  backends: readonly TreeBackend[],
): RegisterOwner[] {
  return backends.flatMap((backend) => {
    const query = ownerQuery(inputs, member, backend);
    const parts = backend.definition?.ownersOf(member, query) ?? [unknownOwner(inputs, member, backend, query)];
    return parts.map((own): RegisterOwner => ({ backend: backend.name, ...own, missing: [] }));
  });
}

/** Answers what a backend's owner rules ask of a register. */
function ownerQuery(inputs: OwnerInputs, member: RegisterMember, backend: TreeBackend): OwnerQuery<LocatedTransfer> {
  return {
    storage: storagePlace(inputs, member),
    hasCommonCopy: storageOf(inputs, member)?.startsWith(`${CACHE_MEMBER}.`) ?? false,
    loadsFrom: (kind) => loadsFrom(inputs, member, kind),
    storesTo: (kind) => storesTo(inputs, member, kind),
    loadsFromMemory: () => loadsFromMemory(inputs, member, backend.name),
    directReads: (kind) => directReads(inputs, member, kind),
    switched: () => ({
      load: inputs.from('hardware').filter((t) => t.to?.register === member.name && isSwitch(t, backend)),
      store: inputs.to('hardware').filter((t) => t.from?.register === member.name && isSwitch(t, backend)),
      unknown: switchUnknowns(inputs, member, backend),
    }),
    unread: (kind) => [
      ...unreadCode(inputs, backend, kind),
      ...undecidedMoves(inputs, member, kind),
      ...opaqueTests(inputs, backend, member),
      ...unreadFetches(inputs, backend, member),
      ...missingFetches(inputs, backend, member),
      ...undeclaredMoves(inputs, member),
    ],
    opaqueMoves: (kind) => opaqueMovesOf(inputs, member, backend, kind),
    unreadParts: () => unreadParts(inputs, backend),
    isSetInHandlers: () => isSetInHandlers(inputs, member, backend),
    readsInHandler: (kind, exit) => inputs.from(kind).filter((t) => isHandler(inputs, t, exit)),
    handlersOf: (exit) => handlersOf(inputs, exit),
    membersOf: (struct) => {
      const members = inputs.symbols.types.members.get(struct);
      return members ? new Set(members.keys()) : null;
    },
    ownConditions: (loads, kind) => ownConditions(inputs, loads, kind),
    isForProtectedGuest: ({ guards }) => guards.some((guard) => hasGuard(inputs.protectedConditions, guard)),
  };
}

/** Whether the assembly that enters a backend's guests does a transfer. */
function isSwitch(transfer: LocatedTransfer, { entries }: TreeBackend): boolean {
  if (transfer.phase === 'other') return false;
  const node = transfer.switchedIn ?? transfer.node;
  // An assembly function may leave VM-entry to one that it calls (`call vmx_vmenter`).
  return entries.includes(node.name) || (node.asm?.calls.some((call) => entries.includes(call.name)) ?? false);
}

/** Moves between a register's cache and a save area of which it is not known whose it is. */
function undecidedMoves(inputs: OwnerInputs, member: RegisterMember, kind: PlaceKind): Reason[] {
  const isRegisters = (place: Place | null) =>
    place !== null && holdsRegister(inputs, { ...place, kind }, member.register);
  const moves = [
    ...inputs.from(UNKNOWN_PLACE).filter((t) => isRegisters(t.from) && isCacheOf(inputs, t.to, member, t.guards)),
    ...inputs.to(UNKNOWN_PLACE).filter((t) => isRegisters(t.to) && isCacheOf(inputs, t.from, member, t.guards)),
  ];
  return moves.map(({ file, line, from, to }) => {
    const place = from?.kind === UNKNOWN_PLACE ? from : to;
    return {
      file,
      line,
      what: place?.name ?? '',
      why: `is of a ${kind.toUpperCase()} that is not known to be the one a guest runs on`,
    };
  });
}

/** Functions that return hardware's own copy. */
function directReads(inputs: OwnerInputs, member: RegisterMember, kind: PlaceKind): LocatedTransfer[] {
  return inputs
    .from(kind)
    .filter((t) => t.isReturned && t.from && holdsRegister(inputs, t.from, member.register))
    .map((t) => ({ ...t, phase: 'on-demand' as const }));
}

/** Whether a transfer is in a handler of an exit: a table has it for the exit, or it speaks of the exit itself. */
function isHandler({ graph }: OwnerInputs, { node }: LocatedTransfer, exit: string): boolean {
  return (node.c?.words.has(exit) ?? false) || (exitHandlers(graph).get(exit)?.has(node) ?? false);
}

/** The handlers of an exit, as what is not understood of a register that they may read. */
function handlersOf({ graph, lineOf }: OwnerInputs, exit: string): Reason[] {
  return [...(exitHandlers(graph).get(exit) ?? [])].map((node) => {
    const line = lineOf(node.file, nameSpan(node).start);
    return { file: node.file, line, what: node.name, why: `handles ${exit}, and what it reads is not understood` };
  });
}

/**
 * Whether a function that a backend's handlers of exits come to sets a register: its storage, or its avail or dirty bit. Writes of the
 * general-purpose registers and of RIP can't be intercepted.
 */
function isSetInHandlers(
  { graph, symbols }: OwnerInputs,
  member: RegisterMember,
  { definition }: TreeBackend,
): boolean {
  if (member.class === 'gpr' || member.register === 'RIP') return false;
  const sets = ({ register, kind }: Reference) => register === member.name && SETTING.has(kind);
  const reached = reachedFromHandlers(graph)(vendorsByFile(graph)(symbols.backends))(definition?.vendor ?? '');
  for (const { c } of reached) if (c?.references.some(sets)) return true;
  return false;
}

const SETTING: ReadonlySet<ReferenceKind> = new Set(['write', 'readwrite', 'mark-available', 'mark-dirty']);

/** What is known of a register for a backend that is not: the moves in the functions of its operations table, and of its module. */
function unknownOwner(
  inputs: OwnerInputs,
  member: RegisterMember,
  { name, entries, title }: TreeBackend,
  { storage }: OwnerQuery<LocatedTransfer>,
): OwnerParts {
  const { graph } = inputs;
  const tables = graph.tables.filter(({ name }) => entries.includes(name));
  const own = tables.flatMap((table) => table.entries.flatMap((entry) => graph.find(entry.function, table.file) ?? []));
  const vendors = unknownVendorsByFile(graph)(inputs.symbols.backends);
  const isOwn = ({ node }: LocatedTransfer) => own.includes(node) || vendors.get(node.file) === name;
  const load = inputs.to('cache').filter((t) => isOwn(t) && isCacheOf(inputs, t.to, member, t.guards));
  const store = inputs.from('cache').filter((t) => isOwn(t) && isCacheOf(inputs, t.from, member, t.guards));
  const reasons = tables.map(({ file, offset }): Reason => {
    const line = inputs.lineOf(file, offset);
    return { file, line, what: title, why: 'is a backend that is not known here, beyond what its operations move' };
  });
  // What is found need not be all, nor by the backend's own rules.
  return { ...ownerParts('unknown', storage, { load, store }), unknown: { load: reasons, store: reasons } };
}

/** Where KVM keeps a register: its slot, its field, or the member that it is saved in. */
export function storageOf(inputs: OwnerInputs, member: RegisterMember): string | null {
  if (member.class === 'gpr') return cachePlace(inputs.symbols, member.name).name;
  const names = inputs.cacheNames.get(member.name) ?? [];
  const field = [...inputs.symbols.fields.values()].find((f) => f.member === member.name);
  if (!field) return names[0] ?? inputs.savedIn.get(member.name) ?? null;
  // What `arch` points to has it in older trees: the way to it is as code goes it.
  const way =
    field.holder === CACHE_STRUCT
      ? undefined
      : names.find((name) => name.startsWith(`${CACHE_MEMBER}.`) && name.includes('->'));
  return way ?? cachePlace(inputs.symbols, member.name).name;
}

/**
 * Why it is not known what moves a register that code names and that the tree does not declare: no move of it to or from any
 * backend's places is found, so the types by which KVM's copy is reached are not there either.
 */
function undeclaredMoves(inputs: OwnerInputs, member: RegisterMember): Reason[] {
  if (member.declared !== null) return [];
  const kinds = new Set(inputs.symbols.backends.flatMap(({ places }) => places.map(({ kind }) => kind)));
  const isMoved = transfersOf(inputs, member).some(({ from, to }) =>
    [from, to].some((place) => place !== null && kinds.has(place.kind)),
  );
  const why = 'is declared nowhere in this tree, and nothing is found that moves it';
  return isMoved ? [] : [{ file: '', line: null, what: member.register, why }];
}

function storagePlace(inputs: OwnerInputs, member: RegisterMember): Place {
  return { kind: 'cache', name: storageOf(inputs, member) ?? member.register, register: member.name };
}

/** Every transfer that a register is part of. */
export function transfersOf(inputs: OwnerInputs, member: RegisterMember): LocatedTransfer[] {
  const isKept = (place: Place | null, guards: readonly Guard[]) =>
    isCacheOf(inputs, place, member, guards) || (place?.kind === 'emulator' && place.register === member.name);
  return inputs.ofCopies
    .filter((t) => isKept(t.to, t.guards) || isKept(t.from, t.guards))
    .map((t) => (isFetch(inputs, t, member) ? { ...t, phase: 'on-demand' } : t));
}
