import { fileOffset } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt, functionText } from './functions.js';
import { registerCopyAt, type RegisterCopy } from './registerCopies.js';
import { isMemberAt, sourceOf, type FileSpan } from './text.js';

/** A local variable that has the value of a copy of a register's: `save_rflags = vmx->rmode.save_rflags;`. */
export interface CopyVariable {
  readonly copy: RegisterCopy;
  /** The copy as code names it: `vmx->rmode.save_rflags`. */
  readonly from: string;
  /** Where the variable is set to it. */
  readonly set: FileSpan;
}

/** What a word is as such a variable, which nothing else is assigned to; null for any other word. */
export function copyVariableAt(model: RegisterModel, path: string, offset: number, name: string): CopyVariable | null {
  const fn = functionAt(model, path, offset);
  if (!fn || isMemberAt(sourceOf(model, path)?.text ?? '', offset)) return null;
  const text = functionText(model, fn);
  const sets = text.matchAll(new RegExp(`(?<![\\w.>])${name}\\s*(?:<<|>>|[-+|&^])?=(?!=)([^;,]*)`, 'g'));
  const [only, another] = Array.from(sets);
  const from = (only?.[1] ?? '').trim();
  const [, way, member] = /^(\w+(?:(?:->|\.)\w+)*(?:->|\.))(\w+)$/.exec(from) ?? [];
  if (!only || another || text.includes(`&${name}`) || way === undefined || member === undefined) return null;
  const start = fileOffset(fn, only.index);
  const copy = registerCopyAt(model, path, fileOffset(fn, text.indexOf(from, only.index)) + way.length, member);
  return copy && { copy, from, set: { file: path, start, end: start + name.length } };
}
