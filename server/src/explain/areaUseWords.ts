import type { GraphNode } from '../model/callGraph.js';
import { groupBy } from '../model/groupBy.js';
import { areaUses, type AreaUse } from '../model/query/areaUses.js';
import type { RegisterModel } from '../model/registerModel.js';
import { fewNames } from './moveGroups.js';
import { wordsOf } from './words.js';

/** `changes TR in the VMCS`, `reads RSP RIP of the VMCS`: what a function does there that has nothing to do with the register cache. */
export function areaParts(model: RegisterModel, node: GraphNode): string[] {
  const groups = groupBy(
    areaUses(model, node),
    ({ way, area }) => `${WAYS[way][0]} | ${WAYS[way][1]} ${wordsOf(model).place(area).title}`,
  );
  return [...groups].map(([words, uses]) => words.replace('|', fewNames([...new Set(uses.map(({ held }) => held))])));
}

/** What stands before the registers, and between them and the area. */
const WAYS: Readonly<Record<AreaUse['way'], readonly [string, string]>> = {
  changed: ['changes', 'in the'],
  set: ['sets', 'in the'],
  read: ['reads', 'of the'],
};
