/*
 * What stands around a call in a function's text: also in functions that were not parsed, because they name no register themselves.
 */

/** The arguments of the call whose function's, or operation's, name begins at an offset of a text, as written; empty for no call. */
export function argumentTexts(text: string, offset: number): string[] {
  const opening = /^\w+(?:\s*\))?\s*\(/.exec(text.slice(offset, offset + LONGEST_NAME))?.[0];
  if (opening === undefined) return [];
  const begin = offset + opening.length;
  const given: string[] = [];
  let [depth, start] = [0, begin];
  for (const { 0: mark, index } of text.slice(begin).matchAll(/[()[\]{},;]/g)) {
    const at = begin + index;
    if (mark === ';') return [];
    if (depth === 0 && (mark === ',' || mark === ')')) {
      given.push(text.slice(start, at).trim());
      start = at + 1;
      if (mark === ')') return given;
    } else if (mark !== ',') depth += /[([{]/.test(mark) ? 1 : -1;
  }
  return [];
}

/** Characters of a called name with the parenthesis behind it. */
const LONGEST_NAME = 80;

/** What the result of the call is assigned to whose function's, or operation's, name begins at an offset of a text: `regs->rflags`; null for none. */
export function resultTarget(text: string, offset: number): string | null {
  const before = text.slice(Math.max(0, offset - LONGEST_TARGET), offset);
  return RESULT.exec(before)?.[1] ?? null;
}

const LONGEST_TARGET = 160;

/** An assignment or initialiser, up to the name of a function, or of an operation in a macro or table: `rflags = kvm_x86_call(`, `regs->rip = ops->`. */
const RESULT =
  /(?<![\w.>\]])([A-Za-z_][\w.]*(?:(?:->|\[\w+\])[\w.]*)*)\s*=\s*(?:\(\w+(?:\s\w+)*\)\s*)?(?:\w+\(|\w+(?:\.|->))*$/;

/** The names of the parameters of a function, by its text up to its body. */
export function parameterNames(head: string): string[] {
  const declared = head.slice(0, head.indexOf('{'));
  const list = declared.slice(declared.indexOf('(') + 1, declared.lastIndexOf(')'));
  return list.split(',').map((parameter) => /(?<!\w)(\w+)(?:\[\w*\])?$/.exec(parameter.trimEnd())?.[1] ?? '');
}
