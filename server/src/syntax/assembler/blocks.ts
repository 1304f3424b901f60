import type { Problem } from '../text/sourceText.js';
import { directiveName, type Statement } from './statements.js';

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

const REPEAT = /^\.(?:irpc?|rept)$/;
const CONDITIONAL = /^\.if(?:def|ndef|notdef|b|nb|c|nc|eq|ne|ge|gt|le|lt|eqs|nes)?$/;
const CONDITIONAL_PART = /^\.(?:else|elseif|endif)$/;
const END = /^\.(?:endm|endr|endif|else|elseif)$/;

interface GrowingBranch extends Branch {
  readonly body: Block[];
}

/** A conditional without its `.endif` so far. */
interface OpenConditional {
  readonly start: number;
  readonly directive: string;
  readonly branches: GrowingBranch[];
}

/**
 * The blocks of a list of statements, conditionals in one another (GNU as manual, "Pseudo Ops"). An unclosed block takes the
 * rest and is a problem, as an end without a beginning is.
 */
export function readBlocks(statements: readonly Statement[], problems: Problem[]): Block[] {
  const outermost: Block[] = [];
  const open: OpenConditional[] = [];
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i];
    if (!statement) break;
    const directive = directiveName(statement.tokens) ?? '';
    const into = open.at(-1)?.branches.at(-1)?.body ?? outermost;
    const kind = kindOfBody(directive);
    if (kind !== null) {
      const end = blockEnd(statements, i, kind);
      if (end === statements.length) problems.push(withoutEnd(statement.start, directive));
      into.push({ kind, header: statement, body: statements.slice(i + 1, end) });
      i = end;
    } else if (CONDITIONAL.test(directive)) {
      const branches: GrowingBranch[] = [{ header: statement, body: [] }];
      into.push({ kind: 'conditional', branches });
      open.push({ start: statement.start, directive, branches });
    } else if (!END.test(directive)) {
      into.push({ kind: 'statement', statement });
    } else if (open.length > 0 && CONDITIONAL_PART.test(directive)) {
      continueConditional(open, directive, statement);
    } else {
      problems.push({ offset: statement.start, message: `${directive} without its beginning` });
    }
  }
  for (const { start, directive } of open) problems.push(withoutEnd(start, directive));
  return outermost;
}

/** What a directive begins whose statements are read when they are assembled; null for another directive. */
function kindOfBody(directive: string): 'macro' | 'repeat' | null {
  if (directive === '.macro') return 'macro';
  return REPEAT.test(directive) ? 'repeat' : null;
}

function continueConditional(open: OpenConditional[], directive: string, statement: Statement): void {
  if (directive === '.endif') open.pop();
  else open.at(-1)?.branches.push({ header: directive === '.else' ? null : statement, body: [] });
}

function withoutEnd(offset: number, directive: string): Problem {
  return { offset, message: `${directive} without its end` };
}

/** The index of the statement that ends the block that begins at `start`; the statements' length where none does. */
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
