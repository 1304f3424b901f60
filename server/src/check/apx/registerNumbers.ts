import type { NumberFlow } from '../../facts/regnum/functionNumbers.js';
import type { NumberAccess } from '../../facts/regnum/sinks.js';
import type { NumberLink } from '../../facts/regnum/sources.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, RelatedPlace } from '../finding.js';
import { numbersOf, type InFile } from './narrowFiles.js';

/** Gives the places where a register is read or written by a number, from one step of the number's way on. */
type NumberTrail = (flow: InFile<NumberFlow>) => readonly RelatedPlace[];

/** Follows numbers through a tree. */
export function numberTrail(model: RegisterModel): NumberTrail {
  const next = new Map<NumberLink, InFile<NumberFlow>[]>();
  for (const flow of numbersOf(model, 'flows'))
    for (const link of flow.from) next.set(link, [...(next.get(link) ?? []), flow]);
  return (flow) => {
    // A set's iteration goes on to what is added meanwhile.
    const reached = new Set([flow]);
    for (const { to } of reached) if (to !== null) for (const follower of next.get(to) ?? []) reached.add(follower);
    return [...reached].flatMap((reachedFlow) => usePlace(reachedFlow) ?? []);
  };
}

const DONE: Readonly<Record<NumberAccess, string>> = {
  read: 'GPR read',
  write: 'GPR written',
  readwrite: 'GPR changed',
  address: 'GPR taken the address of',
};

function usePlace({ file, start, end, function: name, access }: InFile<NumberFlow>): RelatedPlace | null {
  return access === null ? null : { file, span: { start, end }, message: `${DONE[access]} by it in ${name}` };
}

/** Each place once, but for the finding's own. */
export function distinct(
  places: readonly RelatedPlace[],
  { file, span }: Pick<Finding, 'file' | 'span'>,
): RelatedPlace[] {
  const others = places.filter((at) => at.file !== file || at.span.end < span.start || at.span.start > span.end);
  return [...new Map(others.map((place) => [`${place.file} ${String(place.span.start)}`, place])).values()];
}
