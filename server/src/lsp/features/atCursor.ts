import { backendOfFile } from '../../model/query/backends.js';
import { definitionAt, type Definition } from '../../model/query/definitionAt.js';
import type { RegisterOwner, Register } from '../../model/registerModel.js';
import { isChosenBackend, type AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { offsetAtPosition } from '../positions.js';
import type { PlaceQuestion } from './treeQuestion.js';

/** What the token at a position means; null where there is none. */
export function definitionAtCursor(
  place: Place,
  { position }: PlaceQuestion,
  { encoding }: AnswerOptions,
): Definition | null {
  const offset = offsetAtPosition(place, position, encoding);
  return offset === null ? null : definitionAt(place.model, place.path, offset);
}

/** A register's owners, of the backends that the user has chosen; those of a file's backend first. */
export function ownersFirst(
  { model, path }: Omit<Place, 'root'>,
  register: Register,
  options: AnswerOptions,
): RegisterOwner[] {
  const first = backendOfFile(model, path);
  const wanted = register.owners.filter(({ backend }) => isChosenBackend(backend, options));
  return [...wanted].sort((a, b) => Number(b.backend === first) - Number(a.backend === first));
}

/** A list; null, which is LSP's "nothing", for an empty one. */
export function nonEmpty<T>(items: T[]): T[] | null {
  return items.length > 0 ? items : null;
}
