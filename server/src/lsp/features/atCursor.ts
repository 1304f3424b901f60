import { backendOfFile } from '../../explain/backendOfFile.js';
import { registersAt, type FileSpan, type RegistersAt } from '../../explain/registersAtCursor.js';
import { stateAt } from '../../explain/xsave/stateAt.js';
import type { XsaveSubject } from '../../explain/xsave/xsaveSubject.js';
import type { RegisterOwner, Register } from '../../model/registerModel.js';
import { isWantedBackend, type AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { offsetAtPosition } from '../positions.js';
import type { PlaceQuestion } from './place.js';

/** The registers at a position; null where there are none. */
export function registersAtCursor(
  place: Place,
  { position }: PlaceQuestion,
  { encoding }: AnswerOptions,
): RegistersAt | null {
  const offset = offsetAtPosition(place, position, encoding);
  return offset === null ? null : registersAt(place.model, place.path, offset);
}

/** The XSAVE state at a position; null where there is none. */
export function stateAtCursor(
  place: Place,
  { position }: PlaceQuestion,
  { encoding }: AnswerOptions,
): ReturnType<typeof stateAt> {
  const offset = offsetAtPosition(place, position, encoding);
  return offset === null ? null : stateAt(place.model, place.path, offset);
}

/** A register's owners that are wanted, those of a file's backend first. */
export function ownersFirst(
  { model, path }: Omit<Place, 'root'>,
  register: Register,
  options: AnswerOptions,
): RegisterOwner[] {
  const first = backendOfFile(model, path);
  const wanted = register.owners.filter(({ backend }) => isWantedBackend(backend, options));
  return [...wanted].sort((a, b) => Number(b.backend === first) - Number(a.backend === first));
}

/** Where an XSAVE component is declared. */
export function declarationsOf(component: XsaveSubject['component']): FileSpan[] {
  if (!component) return [];
  const { file, offset } = component.declared;
  return [{ file, start: offset, end: offset + component.name.length }];
}

/** A list; null, which is LSP's "nothing", for an empty one. */
export function nonEmpty<T>(items: T[]): T[] | null {
  return items.length > 0 ? items : null;
}
