import type { Problem } from '../problem.js';
import type { Token } from '../tokens.js';
import type { Statement } from './asmToken.js';

/** A branch of a conditional; `header` is null for `.else`. */
export interface Branch {
  readonly header: Statement | null;
  readonly body: readonly Statement[];
}

/** A statement, or one of the assembler's blocks with its statements unread. */
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

/** The outermost blocks of a list of statements. An unclosed block takes the rest. */
export function readBlocks(statements: readonly Statement[], problems: Problem[]): Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i];
    if (!statement) break;
    const directive = directiveName(statement.tokens) ?? '';
    const kind =
      directive === '.macro'
        ? 'macro'
        : REPEAT.test(directive)
          ? 'repeat'
          : CONDITIONAL.test(directive)
            ? 'conditional'
            : null;
    if (kind === null) {
      if (/^\.(?:endm|endr|endif|else|elseif)$/.test(directive)) {
        problems.push({ offset: statement.start, message: `${directive} without its beginning` });
      } else {
        blocks.push({ kind: 'statement', statement });
      }
      continue;
    }
    const end = blockEnd(statements, i, kind);
    if (end === statements.length) problems.push({ offset: statement.start, message: `${directive} without its end` });
    const inside = statements.slice(i + 1, end);
    blocks.push(
      kind === 'conditional'
        ? { kind, branches: readBranches(statement, inside) }
        : { kind, header: statement, body: inside },
    );
    i = end;
  }
  return blocks;
}

const CLOSING = { macro: '.endm', repeat: '.endr', conditional: '.endif' } as const;

function blockEnd(statements: readonly Statement[], start: number, kind: keyof typeof CLOSING): number {
  let depth = 0;
  for (let i = start; i < statements.length; i++) {
    const directive = directiveName(statements[i]?.tokens ?? []);
    if (directive === null) continue;
    const opens =
      kind === 'macro'
        ? directive === '.macro'
        : kind === 'repeat'
          ? REPEAT.test(directive)
          : CONDITIONAL.test(directive);
    if (opens) depth++;
    if (directive === CLOSING[kind] && --depth === 0) return i;
  }
  return statements.length;
}

function readBranches(header: Statement, inside: readonly Statement[]): Branch[] {
  const branches: { header: Statement | null; body: Statement[] }[] = [{ header, body: [] }];
  let depth = 0;
  for (const statement of inside) {
    const directive = directiveName(statement.tokens) ?? '';
    if (CONDITIONAL.test(directive)) depth++;
    if (directive === '.endif') depth--;
    if (depth === 0 && directive === '.else') branches.push({ header: null, body: [] });
    else if (depth === 0 && directive === '.elseif') branches.push({ header: statement, body: [] });
    else branches.at(-1)?.body.push(statement);
  }
  return branches;
}
