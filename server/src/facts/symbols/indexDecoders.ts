import { integerOf } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { keptTable } from '../../cache/keptTables.js';
import { memoizeByLookups } from '../../cache/memoize.js';
import type { SourceOutline } from '../source/sourceOutline.js';

/** A field that a register's number is cut out of: `(value >> shift) & (2^bits - 1)`. */
export interface IndexField {
  readonly bits: number;
  readonly shift: number;
}

/** A function or macro whose whole work is to cut a field out of what it is given. Characters. */
const LONGEST_DECODER = 300;

const FIELD = /\(\s*(?:\(\s*)?\w+\s*(?:\)\s*)?>>\s*(\w+)\s*\)\s*&\s*(\w+)/;

/** The functions and macros that cut one field out of a number, on every way the same: `vmx_get_instr_info_reg2()`, `DEBUG_REG_ACCESS_REG()`. */
export function indexDecoders(outlines: readonly SourceOutline[], lookup: MacroLookup): Map<string, IndexField> {
  const found = new Map<string, IndexField>();
  for (const file of outlines) {
    for (const [name, field] of decodersIn(file, lookup)) if (!found.has(name)) found.set(name, field);
  }
  return found;
}

const decodersIn = memoizeByLookups((file: SourceOutline, lookup: MacroLookup): ReadonlyMap<string, IndexField> => {
  const found = new Map<string, IndexField>();
  const add = (name: string, text: string) => {
    const field = indexField(text, lookup);
    if (field && !found.has(name)) found.set(name, field);
  };
  for (const macro of file.directives.macros) {
    const isOneWay = !macro.body.some(({ text }) => text === '?');
    if (macro.parameters?.length === 1 && isOneWay) add(macro.name, macro.body.map((token) => token.text).join(' '));
  }
  for (const item of file.items) {
    if (item.kind !== 'function' || item.end - item.start > LONGEST_DECODER) continue;
    const [only, another] = [...file.code.slice(item.bodyStart, item.end).matchAll(/\breturn\b([^;]*);/g)];
    if (only?.[1] !== undefined && !another && !only[1].includes('?')) add(item.name, only[1]);
  }
  return found;
}, keptTable('decoders'));

/** The field that an expression cuts out, or null. */
function indexField(text: string, lookup: MacroLookup): IndexField | null {
  const [, amount, mask] = FIELD.exec(text) ?? [];
  const value = (source: string | undefined) => (source === undefined ? null : integerOf(source, lookup, () => null));
  const [shift, ones] = [value(amount), value(mask)];
  const bits = ones === null ? null : bitLength(ones);
  return shift === null || bits === null ? null : { bits, shift: Number(shift) };
}

/** The bits of a mask of the form 2^n - 1, or null. */
export function bitLength(mask: bigint): number | null {
  return mask > 0n && (mask & (mask + 1n)) === 0n ? mask.toString(2).length : null;
}
