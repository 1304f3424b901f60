import type { RegisterModel } from '../registerModel.js';
import type { GuestMask } from '../xsave/xsaveModel.js';
import { functionAt, functionText, functionVisibleIn, isInC, type CFunction } from './functions.js';
import { isMemberAt, sourceOf } from './text.js';

/** A local variable that begins as a mask of what KVM lets guests set: `u64 permitted_xcr0 = kvm_caps.supported_xcr0;`. */
export interface MaskCopy {
  readonly mask: GuestMask;
  /** How code names the mask: `kvm_caps.supported_xcr0`. */
  readonly variable: string;
  /** The function that returns it to the variable, and whether that changes it before; null where the variable is set to the mask itself. */
  readonly giver: { readonly name: string; readonly isChanging: boolean } | null;
  /** Whether the variable's function changes it, as by `&=`. */
  readonly isChanged: boolean;
}

/** What a word is as such a variable; null for any other word. */
export function maskCopyAt(model: RegisterModel, path: string, offset: number, name: string): MaskCopy | null {
  const fn = functionAt(model, path, offset);
  if (!fn || isMemberAt(sourceOf(model, path)?.text ?? '', offset)) return null;
  return copyIn(model, fn, name, true);
}

/** A variable that is set once, and to nothing else. `isFollowed`: a call's result is looked for in what the function returns. */
function copyIn(model: RegisterModel, fn: CFunction, name: string, isFollowed: boolean): MaskCopy | null {
  if (!fn.c.words.has(name)) return null;
  const text = functionText(model, fn);
  const [only, another] = Array.from(text.matchAll(new RegExp(`(?<![\\w.>])${name}\\s*=(?!=)([^;,]*)[;,]`, 'g')));
  if (!only || another || text.includes(`&${name}`)) return null;
  const value = (only[1] ?? '').trim();
  const isChanged = new RegExp(`(?<![\\w.>])${name}\\s*(?:<<|>>|[-+|&^])=`).test(text);
  const mask = model.xsave.masks.find(({ variable }) => variable !== null && variable === value);
  if (mask) return { mask, variable: value, giver: null, isChanged };
  const callee = isFollowed ? /^(\w+)\(\)$/.exec(value)?.[1] : undefined;
  const given = callee === undefined ? null : returnedBy(model, fn, callee);
  if (!given || callee === undefined) return null;
  return { ...given, giver: { name: callee, isChanging: given.isChanged }, isChanged };
}

function returnedBy(model: RegisterModel, { file }: CFunction, callee: string): MaskCopy | null {
  const node = functionVisibleIn(model, callee, file);
  if (!node || !isInC(node)) return null;
  const returned = Array.from(functionText(model, node).matchAll(/\breturn\b([^;]*);/g), ([, value = '']) =>
    value.trim(),
  );
  const [name = '', another] = new Set(returned);
  return another === undefined && /^\w+$/.test(name) ? copyIn(model, node, name, false) : null;
}
