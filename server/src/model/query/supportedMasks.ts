import { CACHE_MEMBER, CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import { VCPU_MASKS } from '../../facts/xsave/maskWrites.js';
import { fileOffset } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import type { GuestMask } from '../xsave/xsaveModel.js';
import { cFunctions, functionAt, functionText } from './functions.js';
import { structAt } from './structDefinitions.js';
import { isMemberAt, nameSpan, sourceOf, type FileSpan } from './text.js';

/**
 * A mask of the bits of XCR0 or IA32_XSS that guests may set. `all`: what KVM lets any guest have, `kvm_caps.supported_xcr0`; `macro`:
 * what KVM knows to switch, `KVM_SUPPORTED_XCR0`; `vcpu`: what its CPUID lets one guest have.
 */
export interface SupportedMask {
  readonly role: 'all' | 'macro' | 'vcpu';
  readonly register: GuestMask['register'];
  /** null where the tree does not show KVM's own mask of that register. */
  readonly mask: GuestMask | null;
  /** How code names it where it is read: `kvm_caps.supported_xcr0`. */
  readonly name: string;
  /** The last word of that. */
  readonly word: string;
}

/** The mask of what guests may set that a word of a file is; null for any other word. */
export function supportedMaskAt(
  model: RegisterModel,
  path: string,
  offset: number,
  word: string,
): SupportedMask | null {
  const maskOf = (register: GuestMask['register']) =>
    model.xsave.masks.find((mask) => mask.register === register) ?? null;
  const at = { path, offset };
  const own = VCPU_MASKS.get(word);
  if (own !== undefined && isMemberOf(model, at, CACHE_MEMBER, CACHE_STRUCT))
    return { role: 'vcpu', register: own, mask: maskOf(own), name: `${CACHE_MEMBER}.${word}`, word };
  for (const mask of model.xsave.masks) {
    const { register, macro, variable } = mask;
    if (macro?.name === word) return { role: 'macro', register, mask, name: word, word };
    if (variable !== null && isVariableAt(model, at, word, variable))
      return { role: 'all', register, mask, name: variable, word };
  }
  return null;
}

/** Where a word stands. */
interface Place {
  readonly path: string;
  readonly offset: number;
}

/** Whether a word is a variable of KVM's, and no local one or another's member of that name. */
function isVariableAt(model: RegisterModel, at: Place, word: string, variable: string): boolean {
  const [holder = '', member] = variable.split('.');
  if (member !== undefined) return member === word && isMemberOf(model, at, holder, holder);
  if (variable !== word || isMemberAt(sourceOf(model, at.path)?.text ?? '', at.offset)) return false;
  const fn = functionAt(model, at.path, at.offset);
  const declared = fn ? functionText(model, fn).matchAll(/\bu64\s+([^;=(){}]*)/g) : [];
  return !Array.from(declared).some(([, names = '']) => names.split(/\W+/).includes(word));
}

/** Whether a word is a member behind a holder's name, or where its struct is defined. */
function isMemberOf(model: RegisterModel, { path, offset }: Place, holder: string, struct: string): boolean {
  const source = sourceOf(model, path);
  if (!source) return false;
  return source.text.slice(0, offset).endsWith(`${holder}.`) || structAt(source, offset) === struct;
}

/** Where functions read such a mask, the first place in each. */
export function readersOf(model: RegisterModel, { name, word }: SupportedMask): readonly FileSpan[] {
  return cFunctions(model).flatMap((fn) => {
    if (!fn.c.words.has(word)) return [];
    const text = functionText(model, fn);
    const at = Array.from(text.matchAll(/[\w.]+/g)).find(
      ({ 0: found, index }) => found === name && !/^\s*[|&^]?=(?!=)/.test(text.slice(index + name.length)),
    );
    if (!at) return [];
    return [nameSpan(fn.file, fileOffset(fn, at.index), name)];
  });
}
