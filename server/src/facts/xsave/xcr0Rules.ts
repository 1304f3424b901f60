import { ancestors, child, type CNode } from '../../syntax/cTree.js';
import { writtenText, type Reading } from '../expressions.js';
import { MASK_PREFIX } from './components.js';

/** A condition under which a function refuses a value, and the components' masks that it names. */
export interface RefusedValue {
  readonly offset: number;
  readonly condition: string;
  readonly masks: readonly string[];
}

/** The conditions on components under which a function leaves early. */
export function refusedValues(reading: Reading): RefusedValue[] {
  return reading.tree.nodes.flatMap((node) => {
    if (node.type !== 'return_statement' || reading.tree.isRepeated(node.start)) return [];
    const condition = [...ancestors(node)].find((above) => above.type === 'if_statement');
    const test = condition ? child(condition, 'condition') : undefined;
    if (!condition || !test) return [];
    const masks = maskNames(reading, test);
    const text = writtenText(reading, test).replace(/^\((.*)\)$/s, '$1');
    return masks.length === 0 ? [] : [{ offset: condition.start, condition: text, masks }];
  });
}

function maskNames(reading: Reading, test: CNode): string[] {
  const words = writtenText(reading, test).match(/\w+/g) ?? [];
  return [...new Set(words.filter((word) => word.startsWith(MASK_PREFIX)))];
}
