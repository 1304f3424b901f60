import type { Owner } from '../../backends/owner.js';
import type { Transfer } from '../../backends/transfer.js';
import { testedValue } from '../../syntax/conditions/guard.js';
import { isClosedOn, isKept, type EgprRegister } from './egprRegister.js';

/** A part of a series that keeps one of R16-R31 for guests, which the tree still lacks. */
export type MissingPart =
  /** Guests may enable APX, but KVM reads and writes the register nowhere. */
  | { readonly kind: 'not-begun' }
  /** The same, but for an assembly function that moves it to or from memory, where the enum has no slot for it. */
  | { readonly kind: 'no-slot'; readonly function: string }
  /** A helper loads the register, but not before VM-entry; stores it, but not after VM-exit. */
  | { readonly kind: 'loaded-elsewhere' | 'stored-elsewhere'; readonly function: string }
  /** What is done on one side is not done on the other. */
  | { readonly kind: 'never-loaded' | 'never-stored' | 'never-read' | 'never-written' }
  /** A function may run with a guest's XCR0 that lacks APX, where the instruction is #UD. `only`: it tests for one of the two; null for neither. */
  | { readonly kind: 'no-xcr0-test'; readonly function: string; readonly only: 'load' | 'store' | null }
  /** Helpers that move the register wait to be called. */
  | { readonly kind: 'not-called'; readonly functions: readonly string[] }
  /** Another backend moves the register, this one does not. `isOpen`: its guests may enable APX; null where that is not known. */
  | { readonly kind: 'no-path'; readonly backend: string; readonly isOpen: boolean | null }
  /** There is only the slot. */
  | { readonly kind: 'never-moved' }
  /** A function reaches the register in hardware without the FPU registers locked, or is called by nothing. */
  | { readonly kind: 'not-locked' | 'idle'; readonly function: string }
  /** Userspace's way to the register: none, or one way only. */
  | { readonly kind: 'no-userspace' | 'never-given' | 'never-set' }
  /** The same, where a function is given the slots' address and may be what copies them; or where one copies them to or from memory of which nothing is known. */
  | { readonly kind: 'userspace-unknown'; readonly function: string; readonly isGivenSlots: boolean }
  /** Assembly tests a flag that C sets nowhere. */
  | { readonly kind: 'flag-not-set'; readonly flag: string }
  | { readonly kind: 'no-component' }
  /** Guests can't enable APX: it is not in KVM's mask. */
  | { readonly kind: 'not-enabled'; readonly mask: string };

/** What a series that keeps one of R16-R31 for guests still lacks for a backend; empty for one that is complete or not begun. */
export function missingParts(register: EgprRegister, owner: Owner): MissingPart[] {
  if (owner.sync === 'protected' || isLeftOut(register, owner)) return [];
  if (!isKept(register)) return isOpen(register, owner) ? [notBegun(register)] : [];
  return [...missingMoves(register, owner), ...missingAccesses(register, owner), ...missingAround(register, owner)];
}

function notBegun({ movedWithoutSlot: [name] }: EgprRegister): MissingPart {
  return name === undefined ? { kind: 'not-begun' } : { kind: 'no-slot', function: name };
}

/** Whether guests may enable APX whose registers KVM has to care for: not those of a protected guest. */
function isOpen(register: EgprRegister, { backend }: Owner): boolean {
  const { state, protectedBackends } = register;
  const isClosed = protectedBackends.has(backend) || isClosedOn(register, backend);
  return !isClosed && state.component !== null && (state.supported?.holdsComponent ?? false);
}

/** Whether a backend does without the register on purpose: its guests can't use APX. */
function isLeftOut(register: EgprRegister, { sync, backend }: Owner): boolean {
  return sync === 'none' && isClosedOn(register, backend);
}

function missingMoves(register: EgprRegister, owner: Owner): MissingPart[] {
  const { load, store, unknown } = owner;
  if (owner.sync === 'none') return [missingPath(register, owner.backend)];
  if (owner.sync === 'xsave' || owner.sync === 'unknown') return [];
  const late = store.find((t) => t.phase !== 'vm-entry');
  const early = load.find((t) => t.phase !== 'vm-exit');
  const loads = store.some((t) => t.phase === 'vm-entry') || unknown.store.length > 0;
  const stores = load.some((t) => t.phase === 'vm-exit') || unknown.load.length > 0;
  return [
    ...(late ? [{ kind: 'loaded-elsewhere', function: late.function } as const] : []),
    ...(early ? [{ kind: 'stored-elsewhere', function: early.function } as const] : []),
    ...(loads || late ? [] : [{ kind: 'never-loaded' } as const]),
    ...(stores || early ? [] : [{ kind: 'never-stored' } as const]),
    ...testsMissing(register, owner),
  ];
}

/** The functions whose moves would be #UD for a guest that has not enabled APX. */
function testsMissing({ unsafe }: EgprRegister, { load, store }: Owner): MissingPart[] {
  const isUnsafe = (t: Transfer) => unsafe.some((move) => move === t);
  const functions = [...load, ...store].filter(isUnsafe).map((t) => t.function);
  return [...new Set(functions)].map((name): MissingPart => {
    const isOf = (t: Transfer) => t.function === name && isUnsafe(t);
    const [isOfLoad, isOfStore] = [load.some(isOf), store.some(isOf)];
    const hasBoth = [load, store].every((moves) => moves.some((t) => t.function === name));
    return {
      kind: 'no-xcr0-test',
      function: name,
      only: !hasBoth || isOfLoad === isOfStore ? null : isOfLoad ? 'load' : 'store',
    };
  });
}

/** What stands for a backend that moves nothing: another one does, a helper waits to be called, or there is only the slot. */
function missingPath({ uncalled, moves, support }: EgprRegister, backend: string): MissingPart {
  const functions = [...new Set(uncalled.map((t) => t.function))];
  if (functions.length > 0) return { kind: 'not-called', functions };
  return moves.size > 0 ? { kind: 'no-path', backend, isOpen: support.get(backend) ?? null } : { kind: 'never-moved' };
}

function missingAccesses({ unlocked, idle }: EgprRegister, { sync, load, store }: Owner): MissingPart[] {
  if (sync !== 'xsave') return [];
  const of = (kind: 'not-locked' | 'idle', transfers: readonly Transfer[]): MissingPart[] =>
    [...new Set(transfers.map((t) => t.function))].map((name) => ({ kind, function: name }));
  return [
    ...(load.length > 0 ? [] : [{ kind: 'never-read' } as const]),
    ...(store.length > 0 ? [] : [{ kind: 'never-written' } as const]),
    ...of('not-locked', unlocked),
    ...of('idle', idle),
  ];
}

/** What a register needs besides its moves: userspace's way to it, its flags set, the guest's leave to use it. */
function missingAround(register: EgprRegister, owner: Owner): MissingPart[] {
  const { unsetFlags, state } = register;
  const { load, store } = owner;
  const isTested = (flag: string) =>
    [...load, ...store].some((t) => t.guards.some((guard) => testedValue(guard)?.name === flag));
  const { component, hasComponents, supported } = state;
  return [
    ...missingOfUserspace(register),
    ...unsetFlags.filter(isTested).map((flag) => ({ kind: 'flag-not-set', flag }) as const),
    ...(component || !hasComponents ? [] : [{ kind: 'no-component' } as const]),
    ...(supported && !supported.holdsComponent ? [{ kind: 'not-enabled', mask: supported.name } as const] : []),
  ];
}

/** What of userspace's way to a register is not there; not known where a function is given the slots' address, or copies them one knows not where. */
function missingOfUserspace({ userspace, handedTo, unplaced }: EgprRegister): MissingPart[] {
  const isOut = (t: Transfer) => t.to?.kind === 'userspace';
  const [hasOut, hasIn] = [userspace.some(isOut), userspace.some((t) => !isOut(t))];
  if (hasOut && hasIn) return [];
  const [given] = handedTo;
  const name = given ?? unplaced[0];
  if (name !== undefined) return [{ kind: 'userspace-unknown', function: name, isGivenSlots: given !== undefined }];
  return [{ kind: hasOut ? 'never-set' : hasIn ? 'never-given' : 'no-userspace' }];
}
