import { EGPRS } from '../../syntax/x86/registers.js';
import type { RegisterFile } from '../registers/registerFile.js';
import { CACHE_ARRAY, CACHE_MEMBER } from '../symbols/cacheNames.js';

/** How the cache's slots of R16-R31 are called as one place, from the first that is meant on; one slot alone by its name. */
export function slotsPlaceName({ members }: Pick<RegisterFile, 'members'>, first: string, isRange: boolean): string {
  const last = members.findLast(({ role, register }) => role === 'register' && EGPRS.has(register))?.name ?? first;
  const index = isRange && last !== first ? `${first}..${last}` : first;
  return `${CACHE_MEMBER}.${CACHE_ARRAY}[${index}]`;
}
