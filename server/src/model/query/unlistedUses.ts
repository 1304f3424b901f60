import { CACHE_MEMBER, CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { membersOfStruct } from './cSymbols.js';
import { functionText, isInC } from './functions.js';
import { unlistedIn } from './unlistedRegisters.js';

/** A register that no enum lists and whose copy in the cache's struct a function reads or writes. */
export interface UnlistedUse {
  readonly register: string;
  readonly isWritten: boolean;
}

/** `vcpu->arch.cr8`, with the assignment behind it. */
const MEMBER = new RegExp(`\\bvcpu(?:->|\\.)${CACHE_MEMBER}\\.(\\w+)(\\s*[|&^]?=(?!=))?`, 'g');

/** The registers that no enum lists whose copies (`vcpu->arch.cr8`) a function reads or writes, each once. */
export function unlistedUses(model: RegisterModel, node: GraphNode): readonly UnlistedUse[] {
  if (!isInC(node)) return [];
  const members = membersOfStruct(model, CACHE_STRUCT) ?? [];
  const uses = Array.from(functionText(model, node).matchAll(MEMBER)).flatMap(([, name = '', assignment]) => {
    const register = members.includes(name) ? unlistedIn(name) : null;
    return register === name.toUpperCase() ? [{ register, isWritten: assignment !== undefined }] : [];
  });
  return [...new Map(uses.map((use) => [`${use.register} ${String(use.isWritten)}`, use])).values()];
}
