import { memoizeByIdentity } from '../../cache/memoize.js';
import type { RegisterModel } from '../registerModel.js';
import { macroNamed, macroSpan } from './cSymbols.js';
import { cFunctions, definitionSpan } from './functions.js';
import { decoderWidths, type NumberWidth } from './numberWidths.js';
import { numbersOf } from './registerNumbers.js';
import type { FileSpan } from './text.js';

/** What makes the number of a general-purpose register, with how many bits that has. */
export interface Decoder {
  readonly name: string;
  /** A function that returns the number, or a macro that it is cut by: a field's, or a mask. */
  readonly kind: 'function' | 'macro';
  readonly widths: readonly NumberWidth[];
  /** Its name in its definition. */
  readonly span: FileSpan;
}

/**
 * The functions of a tree that return a register's number of a known width, in the order of the tree, and the macros by which
 * one is cut out.
 */
export const decodersOf = memoizeByIdentity((model: RegisterModel): readonly Decoder[] => [
  ...cFunctions(model).flatMap((node): Decoder[] => {
    const widths = decoderWidths(model, node.name);
    return widths.length > 0 ? [{ name: node.name, kind: 'function', widths, span: definitionSpan(node) }] : [];
  }),
  ...cuttingMacros(model),
]);

function cuttingMacros(model: RegisterModel): Decoder[] {
  const cuts = new Map(numbersOf(model, 'flows').flatMap(({ macros }) => macros.map(({ name, bits }) => [name, bits])));
  return [...cuts].flatMap(([name, bits]): Decoder[] => {
    const macro = macroNamed(model, name);
    return macro ? [{ name, kind: 'macro', widths: [{ bits, condition: null }], span: macroSpan(macro) }] : [];
  });
}
