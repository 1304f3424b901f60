import type { NamedPlace, PlaceGroup } from '../../protocol/protocol.js';

/** All places of a group, those of the groups in it included, in order. */
export function placesOf({ places, groups }: PlaceGroup): NamedPlace[] {
  return [...places, ...groups.flatMap(placesOf)];
}
