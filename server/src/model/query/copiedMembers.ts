import type { Move } from '../../facts/registers/moves.js';
import { offsetIn } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt } from './functions.js';
import { endOfStatement, placeOfTree, registerHeld, type PlaceUse } from './placeUses.js';

/** What happens to the place beside the cache that a member of KVM's own is copied to or from where its name stands in a file: `vcpu->arch.cr2 = svm->vmcb->save.cr2`; null for any other member. */
export function placeBesideMember(model: RegisterModel, path: string, offset: number, name: string): PlaceUse | null {
  const fn = functionAt(model, path, offset);
  if (!fn) return null;
  const at = offsetIn(fn, offset);
  for (const move of fn.c.moves) {
    if (move.statement > at || at >= endOfStatement(model, fn, move.statement)) continue;
    const side = sideBeside(move, name);
    if (!side) continue;
    const place = placeOfTree(model, fn, side.place, move.offset);
    const other = side.isWritten ? move.from : move.to;
    const register = registerHeld(model, place, other);
    return { fn, move, place, isWritten: side.isWritten, phase: model.phases.at(fn, move.offset), register };
  }
  return null;
}

/** The side of a move that is no member of KVM's own, where the other one is the member of a name. */
function sideBeside({ from, to, other }: Move, name: string): Pick<PlaceUse, 'place' | 'isWritten'> | null {
  const isMember = (text: string) => text.endsWith(`.${name}`) || text.endsWith(`->${name}`);
  if (from && from.kind !== 'cache' && isMember(to?.name ?? other)) return { place: from, isWritten: false };
  if (to && to.kind !== 'cache' && isMember(from?.name ?? other)) return { place: to, isWritten: true };
  return null;
}
