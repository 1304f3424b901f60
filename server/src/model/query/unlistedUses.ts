import { CACHE_MEMBER, CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { membersOfStruct } from './cSymbols.js';
import { functionText, isInC } from './functions.js';
import { taskPriorityUses } from './taskPriority.js';
import { unlistedIn } from './unlistedRegisters.js';

/** A register that no enum lists and whose copy in the cache's struct, or in the local APIC, a function reads or writes. */
export interface UnlistedUse {
  readonly register: string;
  readonly kept: 'copy' | 'apic';
  readonly isWritten: boolean;
}

/** `vcpu->arch.cr8`, with the assignment behind it. */
const MEMBER = new RegExp(`\\bvcpu(?:->|\\.)${CACHE_MEMBER}\\.(\\w+)(\\s*[|&^]?=(?!=))?`, 'g');

/** The registers that no enum lists whose copies (`vcpu->arch.cr8`, the local APIC's task priority) a function reads or writes, each once. */
export function unlistedUses(model: RegisterModel, node: GraphNode): readonly UnlistedUse[] {
  if (!isInC(node)) return [];
  const members = membersOfStruct(model, CACHE_STRUCT) ?? [];
  const text = functionText(model, node);
  const copies = Array.from(text.matchAll(MEMBER)).flatMap(([, name = '', assignment]): UnlistedUse[] => {
    const register = members.includes(name) ? unlistedIn(name) : null;
    return register === name.toUpperCase() ? [{ register, kept: 'copy', isWritten: assignment !== undefined }] : [];
  });
  const inApic = taskPriorityUses(text).map(({ isWritten }): UnlistedUse => ({
    register: 'CR8',
    kept: 'apic',
    isWritten,
  }));
  const uses = [...copies, ...inApic];
  return [...new Map(uses.map((use) => [`${use.register} ${use.kept} ${String(use.isWritten)}`, use])).values()];
}
