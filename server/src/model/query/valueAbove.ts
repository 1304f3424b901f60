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
  const last = assignmentsTo(text, variable)
    .filter(({ value }) => !isOfItself(value, variable))
    .at(-1);
  if (last?.operator !== '=' || last.value.length > LONGEST) return null;
  const isHandedByAddress = Array.from(text.slice(last.start).matchAll(/&(\w+)/g)).some(
    ([, name]) => name === variable,
  );
  return !isHandedByAddress && holdsBehind(text, last.start, last.end) ? last.value : null;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
}

/** An assignment: its operator, and its value on one line, of which no more is read than tells that it is too long to be shown. */
interface Assignment {
  readonly operator: string;
  readonly value: string;
  /** Offsets in the text of its first character and behind its value. */
  readonly start: number;
  readonly end: number;
}

function assignmentsTo(text: string, variable: string): Assignment[] {
  return Array.from(text.matchAll(/(?<![\w.>&])\w+/g)).flatMap(({ 0: word, index }): Assignment[] => {
    if (word !== variable) return [];
    const behind = index + word.length;
    const found = ASSIGNED.exec(text.slice(behind, behind + 4 * LONGEST));
    if (!found) return [];
    const [all, operator = '', value = ''] = found;
    return [{ operator, value: value.replace(/\s+/g, ' ').trim(), start: index, end: behind + all.length }];
  });
}

const ASSIGNED = /^\s*((?:<<|>>|[-+*/|&^%])?=)(?!=)([^;]*)/;

/** `(u32)rip` */
function isOfItself(value: string, variable: string): boolean {
  return /^\(\w+\)\s*(\w+)$/.exec(value)?.[1] === variable;
}

/** Whether a statement that begins behind a text is no branch of one: behind the end of another, a block, a case, the type of a declaration, or a directive's line. */
function isBegun(before: string): boolean {
  const line = before.trimEnd();
  if (/^[ \t]*#[ \t]*(?:if|else|endif)/.test(line.slice(line.lastIndexOf('\n') + 1))) return true;
  const [type = '', ...names] = line
    .slice(Math.max(...[';', '{', '}', ':'].map((mark) => line.lastIndexOf(mark))) + 1)
    .trim()
    .split(/\s+/)
    .filter((word) => word !== 'const' && word !== 'unsigned');
  return type !== 'else' && type !== 'do' && names.every((name) => name.endsWith(','));
}

/** What ends a block, a case or the text between two directives, or begins one. */
const ENDS = /[{}]|\bcase\b|\bdefault\s*:|^\w+:|^[ \t]*#[ \t]*(?:if|else|elif|endif)/gm;

/** Whether an assignment, in a text that ends where its value is used, is done on every way there: neither a branch begins with it, nor does its block, or its case, end before. */
function holdsBehind(text: string, start: number, end: number): boolean {
  if (!isBegun(text.slice(0, start))) return false;
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
