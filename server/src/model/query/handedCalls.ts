import type { RegisterModel } from '../registerModel.js';
import { sourceOf } from './text.js';

/** Characters before a call in which the name of the function stands that gets its result. */
const NEAR = 200;

/** The function, or macro, that gets the result of the call whose name begins at an offset of a file as an argument of its own: `put_smstate`; null where something else is done with it. */
export function handedTo(model: RegisterModel, path: string, offset: number): string | null {
  const text = sourceOf(model, path)?.text ?? '';
  const call = /^\w+\([^();]*\)\s*[,)]/.exec(text.slice(offset, offset + NEAR));
  const before = text.slice(Math.max(0, offset - NEAR), offset);
  if (!call || !/[,(]\s*$/.test(before)) return null;
  const callee = /(?<!\w)(\w+)\((?:[^();{}]|\([^();{}]*\))*$/.exec(before)?.[1];
  return callee === undefined || KEYWORDS.has(callee) ? null : callee;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'if',
  'while',
  'for',
  'switch',
  'return',
  'sizeof',
  'likely',
  'unlikely',
]);
