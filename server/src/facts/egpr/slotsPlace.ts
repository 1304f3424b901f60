import type { Place } from '../../backends/place.js';
import { EGPRS } from '../../syntax/x86/registers.js';
import type { RegisterFile } from '../registers/registerFile.js';
import type { RegisterMember } from '../registers/registerMember.js';
import { CACHE_ARRAY, CACHE_MEMBER } from '../symbols/cacheNames.js';

/** How the cache's slots of R16-R31 are called as one place, from the first that is meant on; one slot alone by its name. */
export function slotsPlaceName({ members }: Pick<RegisterFile, 'members'>, first: string, isRange: boolean): string {
  const last = members.findLast(({ role, register }) => role === 'register' && EGPRS.has(register))?.name ?? first;
  const index = isRange && last !== first ? `${first}..${last}` : first;
  return `${CACHE_MEMBER}.${CACHE_ARRAY}[${index}]`;
}

/** The enum's members of R16-R31 from one on, or that one alone. */
export function slotMembers(
  { members }: Pick<RegisterFile, 'members'>,
  first: string,
  isRange: boolean,
): readonly RegisterMember[] {
  const at = members.findIndex(({ name }) => name === first);
  return members
    .slice(at, isRange ? undefined : at + 1)
    .filter(({ role, register }) => role === 'register' && EGPRS.has(register));
}

/** The members whose slots a place is, by its name; none of any other place. */
export function membersOfPlace(registers: Pick<RegisterFile, 'members'>, place: Place): readonly RegisterMember[] {
  const [, first, range] = (isSlotsPlace(place) ? /\[(\w+)(\.\.)?/.exec(place.name) : null) ?? [];
  return first === undefined ? [] : slotMembers(registers, first, range !== undefined);
}

/** Whether a place is such slots. Of the register cache's, XSAVE state is in no others. */
export function isSlotsPlace(place: Place | null): boolean {
  return place?.kind === 'cache' && place.name.startsWith(`${CACHE_MEMBER}.${CACHE_ARRAY}[`);
}
