import type { NumberFlow } from '../../facts/narrowFacts.js';
import type { NumberLink } from '../../facts/numberWays.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { RelatedPlace } from '../finding.js';
import { factsOf, type InFile } from './narrowFiles.js';

/** Gives the places where a register is read or written by a number, from one step of the number's way on. */
export type NumberTrail = (flow: InFile<NumberFlow>) => readonly RelatedPlace[];

/** Follows numbers through a tree. */
export function numberTrail(model: RegisterModel): NumberTrail {
  const next = new Map<NumberLink, InFile<NumberFlow>[]>();
  for (const flow of factsOf(model, 'flows'))
    for (const link of flow.from) next.set(link, [...(next.get(link) ?? []), flow]);
  return (flow) => {
    // A set's iteration goes on to what is added meanwhile.
    const reached = new Set([flow]);
    for (const { to } of reached) if (to !== null) for (const follower of next.get(to) ?? []) reached.add(follower);
    return [...reached].filter(({ to }) => to === null).map(usePlace);
  };
}

function usePlace({ file, start, end, function: name }: InFile<NumberFlow>): RelatedPlace {
  return { file, span: { start, end }, message: `the register is read or written in ${name}` };
}

/** Each place once. */
export function distinct(places: readonly RelatedPlace[]): RelatedPlace[] {
  return [...new Map(places.map((place) => [`${place.file} ${String(place.span.start)}`, place])).values()];
}
