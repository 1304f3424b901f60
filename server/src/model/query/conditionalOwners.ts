import { EGPRS } from '../../syntax/x86/registers.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { Register, RegisterOwner } from '../registerModel.js';

/**
 * Whether an owner holds under a condition: one of its own, or, of R16-R31 that KVM moves, one that each move is under, beside options of the build.
 * Who has no APX has no R16-R31 to be moved, so that there is no other owner to name.
 */
export function isConditional({ register }: Register, { when, sync, load, store }: RegisterOwner): boolean {
  if (when !== null) return true;
  const moves = [...load, ...store];
  const isMoved = EGPRS.has(register) && (sync === 'switched' || sync === 'eager');
  return isMoved && moves.length > 0 && moves.every(({ conditions }) => conditions.some(isTest));
}

function isTest(guard: Guard): boolean {
  return guard.kind !== 'config' && guard.kind !== 'case';
}
