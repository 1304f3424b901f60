import type { CNode } from '../../syntax/c/cTree.js';
import { readCondition, type Atom, type Condition } from '../../syntax/conditions/condition.js';
import { collapse } from '../../syntax/text/tokens.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from '../symbols/cacheNames.js';

/**
 * Local variables that stand for one of the cache's bitmaps, for a test of one or for a mask, with their only values as written:
 * `vcpu->arch.regs_avail` of `u32 avail = vcpu->arch.regs_avail`.
 */
export type BitmapLocals = ReadonlyMap<string, string>;

const BITMAP = new RegExp(`\\b(?:${AVAILABLE_BITMAP}|${DIRTY_BITMAP})\\b`);
const MASK = /<<|\b(?:BIT|GENMASK)(?:_ULL)?\s*\(/;
/** A variable that changes where it has a value already, or whose address is given away. */
const CHANGED = /\b(\w+)\s*(?:[-+|&^]=|<<=|>>=|\+\+|--)|[(,]\s*&\s*(\w+)/g;

/** The variables among some definitions that stand for bitmaps and masks. One that gets another value later is none. */
export function bitmapLocals(
  text: string,
  definitions: ReadonlyMap<string, readonly { readonly value: CNode }[]>,
): BitmapLocals {
  if (!BITMAP.test(text)) return new Map();
  const changed = new Set(Array.from(text.matchAll(CHANGED), ([, by, given]) => by ?? given));
  return new Map(
    [...definitions].flatMap(([name, [only, another]]): [string, string][] => {
      const value = only && !another ? collapse(text, only.value.start, only.value.end) : '';
      return (BITMAP.test(value) || MASK.test(value)) && !changed.has(name) ? [[name, value]] : [];
    }),
  );
}

/** An expression with the values of such variables in their place. */
export function withBitmapLocals(locals: BitmapLocals, expression: string): string {
  if (locals.size === 0) return expression;
  return expression.replace(/(?<![\w.]|->)[A-Za-z_]\w*/g, (name) => {
    const value = locals.get(name);
    return value === undefined ? name : `(${value})`;
  });
}

/** A condition whose atoms are about what such variables stand for. Its text stays as written. */
export function bitmapCondition(locals: BitmapLocals, condition: Condition): Condition {
  if (locals.size === 0) return condition;
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { ...condition, parts: condition.parts.map((part) => bitmapCondition(locals, part)) };
    case 'not':
      return { ...condition, part: bitmapCondition(locals, condition.part) };
    default:
      return bitmapAtom(locals, condition);
  }
}

function bitmapAtom(locals: BitmapLocals, atom: Atom): Atom {
  const meant = withBitmapLocals(locals, atom.text);
  if (meant === atom.text || !BITMAP.test(meant)) return atom;
  const condition = readCondition(meant);
  const isTest = condition.kind === 'bits' || condition.kind === 'call';
  return isTest ? { ...condition, text: atom.text } : atom;
}
