import { memoizeByIdentity } from '../../cache/memoize.js';
import type { RegisterModel } from '../registerModel.js';
import { cFunctions, definitionSpan } from './functions.js';
import { decoderWidths, type NumberWidth } from './numberWidths.js';
import type { FileSpan } from './text.js';

/** A function that returns the number of a general-purpose register, with how many bits that has. */
export interface Decoder {
  readonly name: string;
  readonly widths: readonly NumberWidth[];
  /** Its name in its definition. */
  readonly span: FileSpan;
}

/** The functions of a tree that return a register's number of a known width, in the order of the tree. */
export const decodersOf = memoizeByIdentity((model: RegisterModel): readonly Decoder[] =>
  cFunctions(model).flatMap((node): Decoder[] => {
    const widths = decoderWidths(model, node.name);
    return widths.length > 0 ? [{ name: node.name, widths, span: definitionSpan(node) }] : [];
  }),
);
