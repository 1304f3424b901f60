import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { MaskRegister } from './maskExpression.js';
import { guestMaskRegister } from './maskWrites.js';

/** What one of KVM's variables for what guests may enable begins with, where it is defined. */
export interface InitialMask {
  readonly register: MaskRegister;
  /** `kvm_caps.supported_xcr0`. */
  readonly variable: string;
  readonly source: SourceText;
  readonly offset: number;
  /** The value as written. */
  readonly text: string;
}

/** The initial values of such variables in a file: of their own, and of members of a struct. */
export const initialMasks = memoizeByIdentity(({ code, items, source }: SourceOutline): readonly InitialMask[] =>
  items.flatMap(({ kind, name, start, end }) => {
    const text = kind === 'object' ? code.slice(start, end) : '';
    return Array.from(text.matchAll(INITIAL_VALUE)).flatMap(({ 1: member, 2: value = '', index }): InitialMask[] => {
      const variable = member === undefined ? name : `${name}.${member}`;
      const register = guestMaskRegister(variable);
      // A string or a list is no mask.
      if (!register || value === '' || /["{]/.test(value)) return [];
      return [{ register, variable, source, offset: start + index, text: value.trim() }];
    });
  }),
);

/** `.member = value`, or `= value;` of the variable itself. */
const INITIAL_VALUE = /(?:\.\s*(\w+)\s*)?=([^=,;{}]*)/g;
