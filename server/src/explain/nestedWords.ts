import { UNKNOWN_PLACE, type Place } from '../backends/place.js';
import type { Move } from '../facts/registers/moves.js';
import type { Atom } from '../syntax/conditions/condition.js';
import { literalsOf } from '../syntax/conditions/guard.js';

/*
 * How L1's control structures for L2 are spoken of. They have the guest's state, which is L2's, and the host's, which is L1's own (SDM
 * vol. 3, 25.4 and 25.5; vmx/vmcs12.h); `hsave` is where L1's state is kept while L2 runs (svm/nested.c).
 */

/** Whose state a field of nested state is: `L2's`, `L1's own`. */
export function ownerOfNested({ name }: Place): string {
  if (name.includes('.host_')) return "L1's own";
  return name.startsWith('hsave') ? "L1's" : "L2's";
}

/** Where a field of nested state is: in L1's structure, or in the copy that SVM keeps of vmcb12's save area (svm/svm.h). */
export function areaOfNested(place: Place): string {
  return isCachedArea(place) ? "KVM's copy of vmcb12's save area" : structureOf(place);
}

/** The same where there is room for a name only. */
export function shortAreaOfNested(place: Place): string {
  return isCachedArea(place) ? 'cached vmcb12' : structureOf(place);
}

function isCachedArea({ name }: Place): boolean {
  return name.startsWith('nested.save.');
}

function structureOf({ name }: Place): string {
  return name.split('.')[0] ?? name;
}

/**
 * Whether a move that has to do with nested state, or writes what hardware runs on, is done on the way into L2; else out of it. L1's own
 * VMCB gets L1's state on the way in, and gives it back on the way out.
 */
export function isIntoL2({ from, to }: Pick<Move, 'from' | 'to'>): boolean {
  if (from?.kind === 'nested') return !from.name.includes('.host_') && !from.name.startsWith('hsave');
  if (to?.kind === 'nested') return to.name.startsWith('hsave');
  return from?.which !== 'vmcb01';
}

/** A test that holds while L2 runs (kvm_cache_regs.h, regs.h). */
function isOfL2(atom: Atom): boolean {
  return atom.kind === 'call' && atom.callee === 'is_guest_mode';
}

/**
 * Whether a move has a side by which it can be told whether it is on the way into L2 or out of it. L1's structures are copied to each
 * other both ways (`vmcs12` and Hyper-V's `evmcs`), as is a save area that is not known; L1's own state may be read for a look only.
 */
export function tellsSideOfL2({ from, to, guards }: Pick<Move, 'from' | 'to' | 'guards'>): boolean {
  const isBetween = from !== null && to !== null;
  // What is looked at while L2 runs is on no way in or out.
  if (!isBetween && literalsOf(guards).some(({ atom, holds }) => holds && isOfL2(atom))) return false;
  if (isBetween && [from, to].every(({ kind }) => kind === 'nested' || kind === UNKNOWN_PLACE)) return false;
  // What L1 and L2 have in common is copied to vmcb02 whenever it is set.
  if (isBetween && [from, to].every(({ which }) => which !== undefined)) return false;
  if (from?.kind === 'nested' && !to && !isIntoL2({ from, to })) return false;
  return [from, to].some((place) => place?.kind === 'nested' || (isBetween && place?.which !== undefined));
}
