import type { Transfer } from '../registerModel.js';
import { isKept, type ExtendedOwner, type ExtendedRegister } from './extendedOwners.js';

/** What a series that keeps one of R16-R31 for guests still lacks for a backend; empty for one that is complete or not begun. */
export function missingParts(register: ExtendedRegister, owner: ExtendedOwner): string[] {
  if (!isKept(register) || owner.sync === 'protected' || isLeftOut(register, owner)) return [];
  return [...missingMoves(register, owner), ...missingAccesses(register, owner), ...missingAround(register, owner)];
}

/** Whether a backend does without the register on purpose: its guests can't use APX. */
function isLeftOut({ dropped }: ExtendedRegister, { sync, backend }: ExtendedOwner): boolean {
  return sync === 'none' && dropped.has(backend);
}

function missingMoves(register: ExtendedRegister, owner: ExtendedOwner): string[] {
  const { load, store } = owner;
  if (owner.sync === 'none') return [missingPath(register, owner.backend)];
  if (owner.sync === 'xsave') return [];
  const late = store.find((t) => t.phase !== 'vm-entry');
  const early = load.find((t) => t.phase !== 'vm-exit');
  const loads = store.some((t) => t.phase === 'vm-entry');
  const stores = load.some((t) => t.phase === 'vm-exit');
  return [
    ...(late ? [`loaded into hardware by ${late.function}, but not before VM-entry`] : []),
    ...(early ? [`stored to the cache by ${early.function}, but not after VM-exit`] : []),
    ...(loads || late ? [] : ['stored but never loaded']),
    ...(stores || early ? [] : ['loaded but never stored']),
  ];
}

/** What stands for a backend that moves nothing: another one does, a helper waits to be called, or there is only the slot. */
function missingPath({ uncalled, moves }: ExtendedRegister, backend: string): string {
  const helpers = [...new Set(uncalled.map((t) => t.function))];
  if (helpers.length > 0) return `nothing calls ${helpers.join(' and ')} on the way to VM-entry`;
  return moves.size > 0 ? `no path on ${backend.toUpperCase()}` : 'declared but never loaded or stored';
}

function missingAccesses({ unlocked }: ExtendedRegister, { sync, load, store }: ExtendedOwner): string[] {
  if (sync !== 'xsave') return [];
  const functions = [...new Set(unlocked.map((t) => t.function))];
  return [
    ...(load.length > 0 ? [] : ['written but never read']),
    ...(store.length > 0 ? [] : ['read but never written']),
    ...functions.map((fn) => `${fn} runs without the FPU registers locked`),
  ];
}

/** What a register needs besides its moves: userspace's way to it, its flags set, the guest's leave to use it. */
function missingAround({ userspace, unsetFlags, state }: ExtendedRegister, { load, store }: ExtendedOwner): string[] {
  const isOut = (t: Transfer) => t.to?.kind === 'userspace';
  const [hasOut, hasIn] = [userspace.some(isOut), userspace.some((t) => !isOut(t))];
  const isTested = (flag: string) => [...load, ...store].some((t) => t.guards.includes(flag));
  const { component, supported } = state;
  return [
    ...(hasOut || hasIn ? [] : ['no userspace path']),
    ...(hasIn && !hasOut ? ['set by userspace but never given to it'] : []),
    ...(hasOut && !hasIn ? ['given to userspace but never set by it'] : []),
    ...unsetFlags.filter(isTested).map((flag) => `${flag} is tested but never set`),
    ...(component ? [] : ['no APX component in the FPU core']),
    ...(supported && !supported.holdsComponent ? [`guests can't enable APX: not in ${supported.name}`] : []),
  ];
}
