import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { fieldDescription } from './backends.js';
import { functionText, isInC } from './functions.js';

/** Characters of a function that is there for one field. */
const LONGEST = 350;

/** `control.ghcb_gpa`, with the assignment behind it. */
const MEMBER = /(?<=->|\.)(\w+\.\w+)(?!\w)(\s*[|&]?=(?!=))?/g;

/**
 * What a short function does with the one field that it is there for, which is no register's place and has to do with some all the same:
 * `set_ghcb_msr_bits`; by its text, as such a function names no register. Null for any other function.
 */
export function fieldServedBy(model: RegisterModel, node: GraphNode): string | null {
  if (!isInC(node) || node.c.length > LONGEST) return null;
  const uses = Array.from(functionText(model, node).matchAll(MEMBER), ([, field = '', assigned]) => ({
    field,
    assigned,
    words: fieldDescription(model, field),
  })).filter(({ words }) => words !== null);
  const [first, ...others] = uses;
  if (!first?.words || others.some(({ field }) => field !== first.field)) return null;
  const signs = uses.flatMap(({ assigned }) => assigned?.trim() ?? []);
  const done = signs.length === 0 ? 'reads' : signs.includes('=') ? 'sets' : 'changes';
  return `${done} ${first.field}, ${first.words}`;
}
