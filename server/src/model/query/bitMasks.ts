import { fileOffset } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { macroNamed } from './cSymbols.js';
import { cFunctions, functionAt, functionText } from './functions.js';
import { isMemberAt, nameSpan, type FileSpan } from './text.js';

/** Several bits of a control register by one name: a macro, or a local variable of what such a macro leaves of something. */
export interface BitMask {
  /** As the manuals call it. */
  readonly register: string;
  /** As the manuals call them, in the order of the macro. */
  readonly bits: readonly string[];
  readonly macro: string;
  /** What a local variable is initialised with, as written; null for the macro itself. */
  readonly value: string | null;
}

/** The mask that a word of a file is; null for any other. */
export function bitMaskAt(model: RegisterModel, path: string, offset: number, name: string): BitMask | null {
  const own = maskOf(model, name);
  if (own) return own;
  const fn = functionAt(model, path, offset);
  if (!fn || !/^[a-z]\w*$/.test(name) || isMemberAt(functionText(model, fn), offset - fn.start)) return null;
  for (const [value, declared, macro = ''] of functionText(model, fn).matchAll(INITIALISED)) {
    const mask = declared === name ? maskOf(model, macro) : null;
    if (mask) return { ...mask, value: value.slice(value.indexOf('=') + 1, -1).trim() };
  }
  return null;
}

/** `tmask = mask & KVM_POSSIBLE_CR0_GUEST_BITS;` */
const INITIALISED = /(?<![\w.>])([a-z]\w*)\s*=\s*\w+\s*&\s*([A-Z]\w*)\s*;/g;

function maskOf(model: RegisterModel, name: string): BitMask | null {
  const found = bitsOf(model, name, 0);
  const [register, another] = new Set(found?.map(([of]) => of));
  if (!found || register === undefined || another !== undefined) return null;
  return { register, bits: [...new Set(found.map(([, bit]) => bit))], macro: name, value: null };
}

/** How many macros a mask is made of, one within the other. */
const MOST_MACROS = 4;

/** The bits of a macro that is a union of some, each with its register; null for any other. */
function bitsOf(
  model: RegisterModel,
  name: string,
  distance: number,
): (readonly [register: string, bit: string])[] | null {
  const definition = distance < MOST_MACROS ? macroNamed(model, name)?.definition : undefined;
  if (definition?.parameters !== null) return null;
  const words = definition.body.map(({ text }) => text).filter((text) => !/^[()|]$/.test(text));
  const found = words.map((word) => {
    const [, register, bit] = BIT.exec(word) ?? [];
    const isBit = register !== undefined && bit !== undefined;
    return bitsOf(model, word, distance + 1) ?? (isBit ? [[register, bit] as const] : null);
  });
  return found.length === 0 || found.includes(null) ? null : found.flatMap((bits) => bits ?? []);
}

/** The constant of a bit of a control register (asm/processor-flags.h). */
const BIT = /^X86_(CR[04])_([A-Z\d]+)$/;

/** Where functions use a mask's macro, the first place in each. */
export function usersOf(model: RegisterModel, { macro }: BitMask): readonly FileSpan[] {
  return cFunctions(model).flatMap((fn) => {
    if (!fn.c.words.has(macro)) return [];
    const at = Array.from(functionText(model, fn).matchAll(/\w+/g)).find(([word]) => word === macro);
    return at ? [nameSpan(fn.file, fileOffset(fn, at.index), macro)] : [];
  });
}
