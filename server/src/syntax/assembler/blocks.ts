import type { Problem } from '../text/problem.js';
import type { Token } from '../text/tokens.js';
import type { Statement } from './asmToken.js';

/** A branch of a conditional; `header` is null for `.else`. */
export interface Branch {
  readonly header: Statement | null;
  readonly body: readonly Block[];
}

/** A statement, or one of the assembler's blocks; what is to be repeated has its statements unread. */
export type Block =
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'macro' | 'repeat'; readonly header: Statement; readonly body: readonly Statement[] }
  | { readonly kind: 'conditional'; readonly branches: readonly Branch[] };

/** The directive at a statement's beginning, `.irp`, or null. Works on tokens that are not glued yet. */
export function directiveName(tokens: readonly Token[]): string | null {
  const [dot, name] = tokens;
  if (dot?.kind === 'word' && dot.text.startsWith('.')) return dot.text;
  return dot?.text === '.' && name?.kind === 'word' && !name.spaced ? `.${name.text}` : null;
}

/** What stands behind the directive's name. */
export function directiveArguments<T extends Token>(tokens: readonly T[]): readonly T[] {
  return tokens.slice(tokens[0]?.text === '.' ? 2 : 1);
}

const REPEAT = /^\.(?:irpc?|rept)$/;
const CONDITIONAL = /^\.if(?:def|ndef|notdef|b|nb|c|nc|eq|ne|ge|gt|le|lt|eqs|nes)?$/;

interface GrowingBranch extends Branch {
  readonly body: Block[];
}

interface OpenConditional {
  readonly start: number;
  readonly directive: string;
  readonly branches: GrowingBranch[];
}

/** The blocks of a list of statements, conditionals in one another. An unclosed block takes the rest. */
export function readBlocks(statements: readonly Statement[], problems: Problem[]): Block[] {
  const outermost: Block[] = [];
  const open: OpenConditional[] = [];
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i];
    if (!statement) break;
    const { start } = statement;
    const directive = directiveName(statement.tokens) ?? '';
    const group = open.at(-1);
    const into = group?.branches.at(-1)?.body ?? outermost;
    if (CONDITIONAL.test(directive)) {
      const branches: GrowingBranch[] = [{ header: statement, body: [] }];
      into.push({ kind: 'conditional', branches });
      open.push({ start, directive, branches });
    } else if (group && directive === '.endif') {
      open.pop();
    } else if (group && (directive === '.else' || directive === '.elseif')) {
      group.branches.push({ header: directive === '.else' ? null : statement, body: [] });
    } else if (directive === '.macro' || REPEAT.test(directive)) {
      const kind = directive === '.macro' ? 'macro' : 'repeat';
      const end = blockEnd(statements, i, kind);
      if (end === statements.length) problems.push(withoutEnd(start, directive));
      into.push({ kind, header: statement, body: statements.slice(i + 1, end) });
      i = end;
    } else if (/^\.(?:endm|endr|endif|else|elseif)$/.test(directive)) {
      problems.push({ offset: start, message: `${directive} without its beginning` });
    } else {
      into.push({ kind: 'statement', statement });
    }
  }
  for (const { start, directive } of open) problems.push(withoutEnd(start, directive));
  return outermost;
}

function withoutEnd(offset: number, directive: string): Problem {
  return { offset, message: `${directive} without its end` };
}

function blockEnd(statements: readonly Statement[], start: number, kind: 'macro' | 'repeat'): number {
  const closing = kind === 'macro' ? '.endm' : '.endr';
  let depth = 0;
  for (let i = start; i < statements.length; i++) {
    const directive = directiveName(statements[i]?.tokens ?? []);
    if (directive === null) continue;
    if (kind === 'macro' ? directive === '.macro' : REPEAT.test(directive)) depth++;
    if (directive === closing && --depth === 0) return i;
  }
  return statements.length;
}
