import type { NumberFlow } from '../../facts/regnum/functionNumbers.js';
import type { NumberAccess } from '../../facts/regnum/sinks.js';
import type { NumberLink } from '../../facts/regnum/sources.js';
import { numbersOf, type InFile } from '../../model/query/registerNumbers.js';
import type { FileSpan } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { relatedPlace, type RelatedPlace } from '../finding.js';

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

function usePlace(flow: InFile<NumberFlow>): RelatedPlace | null {
  return flow.access === null ? null : relatedPlace(flow, `${DONE[flow.access]} by it in ${flow.function}`);
}

/** Each place once, but for the finding's own. */
export function distinctPlaces(places: readonly RelatedPlace[], { file, start, end }: FileSpan): RelatedPlace[] {
  const others = places.filter((at) => at.file !== file || at.span.end < start || at.span.start > end);
  return [...new Map(others.map((place) => [`${place.file} ${String(place.span.start)}`, place])).values()];
}
