import { readCondition } from '../../syntax/conditions/condition.js';
import type { Guard } from '../../syntax/conditions/guard.js';

/** Characters of a test with its branch, as far as they are looked at. */
const LONGEST_BRANCH = 400;

/** `if (a && f(b))` up to where its branch begins; parentheses within it at most two deep. */
const TEST = /^(?:else\s+)?if \(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*/;

/**
 * The test that a statement without braces is the one branch of, by the text alone: for functions that are not parsed, because they
 * name no register of the enum. `offset`: in the text, of a word of the statement. Empty for a statement in a block.
 */
export function branchAbove(text: string, offset: number): readonly Guard[] {
  const head = withoutComments(text.slice(Math.max(0, offset - LONGEST_BRANCH), offset));
  const begin = statementStart(head, head.length);
  const own = head.slice(begin);
  const test = testOf(own);
  if (test !== null) return [{ kind: 'if', condition: readCondition(test), negated: false }];
  if (!/^else\s+(?!if\b)/.test(own.trimStart()) || head[begin - 1] !== ';') return [];
  const other = testOf(head.slice(statementStart(head, begin - 1), begin - 1));
  return other === null ? [] : [{ kind: 'else', condition: readCondition(other), negated: true }];
}

/** The condition of the `if` that a statement begins with. */
function testOf(statement: string): string | null {
  return TEST.exec(statement.trimStart())?.[1]?.replace(/\s+/g, ' ') ?? null;
}

/** Behind the mark that ends what stands before the statement that ends at an offset. */
function statementStart(text: string, end: number): number {
  return Math.max(...[';', '{', '}'].map((mark) => text.lastIndexOf(mark, end - 1))) + 1;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length));
}
