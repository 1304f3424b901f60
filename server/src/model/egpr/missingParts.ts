import { testedValue } from '../../syntax/conditions/guard.js';
import type { Transfer } from '../registerModel.js';
import { isKept, type EgprOwner, type EgprRegister } from './egprRegister.js';

/** What a series that keeps one of R16-R31 for guests still lacks for a backend; empty for one that is complete or not begun. */
export function missingParts(register: EgprRegister, owner: EgprOwner): string[] {
  if (owner.sync === 'protected' || isLeftOut(register, owner)) return [];
  if (!isKept(register))
    return isOpen(register, owner) ? ['guests may enable APX, but KVM reads and writes it nowhere'] : [];
  return [...missingMoves(register, owner), ...missingAccesses(register, owner), ...missingAround(register, owner)];
}

/** Whether guests may enable APX whose registers KVM has to care for: not those of a protected guest. */
function isOpen({ state, dropped }: EgprRegister, { backend }: EgprOwner): boolean {
  const isOthers = backend === 'sev-es' || backend === 'tdx' || dropped.has(backend);
  return !isOthers && state.component !== null && (state.supported?.holdsComponent ?? false);
}

/** Whether a backend does without the register on purpose: its guests can't use APX. */
function isLeftOut({ dropped }: EgprRegister, { sync, backend }: EgprOwner): boolean {
  return sync === 'none' && dropped.has(backend);
}

function missingMoves(register: EgprRegister, owner: EgprOwner): string[] {
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
    ...testsMissing(register, owner),
  ];
}

/** The functions whose moves would be #UD for a guest that has not enabled APX. */
function testsMissing({ unsafe }: EgprRegister, { load, store }: EgprOwner): string[] {
  const functions = [...load, ...store].filter((t) => unsafe.some((move) => move === t)).map((t) => t.function);
  return [...new Set(functions)].map((fn) => `no test in or before ${fn} that the guest's XCR0 has APX`);
}

/** What stands for a backend that moves nothing: another one does, a helper waits to be called, or there is only the slot. */
function missingPath({ uncalled, moves }: EgprRegister, backend: string): string {
  const helpers = [...new Set(uncalled.map((t) => t.function))];
  if (helpers.length > 0) return `nothing calls ${helpers.join(' and ')} on the way to VM-entry`;
  return moves.size > 0 ? `no path on ${backend.toUpperCase()}` : 'declared but never loaded or stored';
}

function missingAccesses({ unlocked, idle }: EgprRegister, { sync, load, store }: EgprOwner): string[] {
  if (sync !== 'xsave') return [];
  const names = (transfers: readonly Transfer[]) => [...new Set(transfers.map((t) => t.function))];
  return [
    ...(load.length > 0 ? [] : ['written but never read']),
    ...(store.length > 0 ? [] : ['read but never written']),
    ...names(unlocked).map((fn) => `${fn} runs without the FPU registers locked`),
    ...names(idle).map((fn) => `nothing calls ${fn}`),
  ];
}

/** What a register needs besides its moves: userspace's way to it, its flags set, the guest's leave to use it. */
function missingAround({ userspace, unsetFlags, state }: EgprRegister, { load, store }: EgprOwner): string[] {
  const isOut = (t: Transfer) => t.to?.kind === 'userspace';
  const [hasOut, hasIn] = [userspace.some(isOut), userspace.some((t) => !isOut(t))];
  const isTested = (flag: string) =>
    [...load, ...store].some((t) => t.guards.some((guard) => testedValue(guard)?.name === flag));
  const { component, hasComponents, supported } = state;
  return [
    ...(hasOut || hasIn ? [] : ['no userspace path']),
    ...(hasIn && !hasOut ? ['set by userspace but never given to it'] : []),
    ...(hasOut && !hasIn ? ['given to userspace but never set by it'] : []),
    ...unsetFlags.filter(isTested).map((flag) => `${flag} is tested but never set`),
    ...(component || !hasComponents ? [] : ['no APX component in the FPU core']),
    ...(supported && !supported.holdsComponent ? [`guests can't enable APX: not in ${supported.name}`] : []),
  ];
}
