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
  | {
      readonly kind: 'macro' | 'repeat';
      readonly header: Statement;
      readonly body: readonly Statement[];
      readonly isClosed: boolean;
    }
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
 * rest, an unclosed macro what there is up to the next one, and is a problem, as an end without a beginning is.
 */
export function readBlocks(statements: readonly Statement[], problems: Problem[]): Block[] {
  const outermost: Block[] = [];
  const open: OpenConditional[] = [];
  const ends = blockEnds(statements);
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i];
    if (!statement) break;
    const directive = directiveName(statement.tokens) ?? '';
    const into = open.at(-1)?.branches.at(-1)?.body ?? outermost;
    const kind = kindOfBody(directive);
    if (kind !== null) {
      const { last, ...body } = laterBody(statements, i, ends);
      if (!body.isClosed) problems.push(withoutEnd(statement.start, directive));
      into.push({ kind, header: statement, ...body });
      i = last;
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

/** The statements from a directive on that are read when they are assembled; `last` is the index of the last that belongs to them. */
function laterBody(statements: readonly Statement[], start: number, { closed, nextMacro }: BlockEnds) {
  const end = closed.get(start);
  const last = end ?? (nextMacro.get(start) ?? statements.length) - 1;
  return { body: statements.slice(start + 1, end ?? last + 1), isClosed: end !== undefined, last };
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

/** Where blocks end whose statements are read later, by the index of their beginning. */
interface BlockEnds {
  /** The index of the `.endm` or `.endr`. */
  readonly closed: ReadonlyMap<number, number>;
  /** The index of the next `.macro` behind one that has no end. */
  readonly nextMacro: ReadonlyMap<number, number>;
}

function blockEnds(statements: readonly Statement[]): BlockEnds {
  const open = { macro: [] as number[], repeat: [] as number[] };
  const closed = new Map<number, number>();
  const nextMacro = new Map<number, number>();
  let lastMacro: number | null = null;
  for (const [i, { tokens }] of statements.entries()) {
    const directive = directiveName(tokens);
    if (directive === null) continue;
    const kind = kindOfBody(directive);
    if (kind !== null) open[kind].push(i);
    if (kind === 'macro') {
      if (lastMacro !== null) nextMacro.set(lastMacro, i);
      lastMacro = i;
    }
    const start = directive === '.endm' ? open.macro.pop() : directive === '.endr' ? open.repeat.pop() : undefined;
    if (start !== undefined) closed.set(start, i);
  }
  return { closed, nextMacro };
}
