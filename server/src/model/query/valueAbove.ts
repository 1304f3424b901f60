import { offsetIn } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt, functionText } from './functions.js';

/** Characters of an expression that is worth being shown. */
const LONGEST = 60;

/**
 * What a local variable was set to last on every way to an offset of a file, as written: `orig_rip + vmcs_read32(...)`; null where that
 * is not told: several assignments may hold, or none on some way. An assignment that only shortens the variable itself, as
 * `rip = (u32)rip` does, leaves its value what it is said to be.
 */
export function valueAbove(model: RegisterModel, path: string, offset: number, variable: string): string | null {
  const fn = functionAt(model, path, offset);
  if (!fn || !/^\w+$/.test(variable)) return null;
  const text = withoutComments(functionText(model, fn).slice(0, offsetIn(fn, offset)));
  const given = new RegExp(`(?<![\\w.>&])${variable}\\s*((?:<<|>>|[-+*/|&^%])?=(?!=))\\s*([^;]+);`, 'g');
  const assignments = Array.from(text.matchAll(given)).filter(([, , value = '']) => !isOfItself(value, variable));
  const last = assignments.at(-1);
  const value = last?.[2]?.replace(/\s+/g, ' ');
  if (!last || value === undefined || last[1] !== '=' || value.length > LONGEST) return null;
  const isHandedByAddress = new RegExp(`&${variable}\\b`).test(text.slice(last.index));
  return !isHandedByAddress && holdsBehind(text, last.index, last.index + last[0].length) ? value : null;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
}

/** `(u32)rip` */
function isOfItself(value: string, variable: string): boolean {
  return new RegExp(`^\\(\\w+\\)\\s*${variable}$`).test(value.trim());
}

/** What begins a statement that is no branch of one: the end of another, a block, a case; or the type of a declaration, or a directive's line. */
const BEGINNING = /(?:[;{}:]\s*(?:(?:const |unsigned )*\w+\s+(?:\w+,\s*)*)?|^\s*#\s*(?:if|else|endif)[^\n]*\s*)$/m;

/** What ends a block, a case or the text between two directives, or begins one. */
const ENDS = /[{}]|\bcase\b|\bdefault\s*:|^\w+:|^\s*#\s*(?:if|else|elif|endif)/gm;

/** Whether an assignment, in a text that ends where its value is used, is done on every way there: neither a branch begins with it, nor does its block, or its case, end before. */
function holdsBehind(text: string, start: number, end: number): boolean {
  if (!BEGINNING.test(text.slice(0, start))) return false;
  let [blocks, directives] = [0, 0];
  for (const { 0: mark } of text.slice(end).matchAll(ENDS)) {
    if (mark === '{') blocks++;
    else if (mark === '}') blocks--;
    else if (mark.includes('#')) directives += /#\s*if$/.test(mark) ? 1 : mark.endsWith('endif') ? -1 : 0;
    else if (blocks === 0) return false;
    if (blocks < 0 || directives < 0 || (directives === 0 && /el(?:se|if)$/.test(mark))) return false;
  }
  return true;
}
