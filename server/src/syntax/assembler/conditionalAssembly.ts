import { readCondition } from '../conditions/condition.js';
import { negate, type ConditionGuard } from '../conditions/guard.js';
import { splitAt } from '../text/brackets.js';
import { glued, textOf, type AsmToken } from './asmToken.js';
import type { Block, Branch } from './blocks.js';
import { directiveArguments, directiveName, type Statement } from './statements.js';
import type { SymbolTable } from './symbols.js';

/** A branch that is assembled. */
interface LiveBranch {
  readonly body: readonly Block[];
  /** Where the branch begins; 0 for an `.else`. */
  readonly start: number;
  /** The conditions over it. */
  readonly conditions: readonly ConditionGuard[];
}

/**
 * The branches of an `.if` to assemble, under the conditions around it: the one that holds, and before it those of which
 * that isn't known, each under its condition. One after another, because a branch may set what the next one tests. Code that
 * assembles has not come to an `.err`: where the `.else` is one, what is left is no condition.
 */
export function* liveBranches(
  branches: readonly Branch[],
  around: readonly ConditionGuard[],
  symbols: SymbolTable,
): Generator<LiveBranch> {
  let conditions = around;
  const last = branches.at(-1);
  const possible = branches.filter((branch) => !isError(branch));
  const onlyOneLeft = last?.header === null && isError(last) ? possible.at(-1) : undefined;
  for (const branch of possible) {
    const { header, body } = branch;
    const holds = header ? branchHolds(header, symbols) : true;
    if (holds === false) continue;
    const start = header?.start ?? 0;
    if (!header || holds || branch === onlyOneLeft) {
      yield { body, start, conditions };
      return;
    }
    const condition = conditionOf(header);
    yield { body, start, conditions: [...conditions, condition] };
    conditions = [...conditions, negate(condition)];
  }
}

/** Directives that end the assembly without an output (GNU as manual, "Err", "Error", "Abort"). */
const ERROR = /^\.(?:err|error|abort)$/;

function isError(branch: Branch): boolean {
  return errorIn(branch) !== null;
}

function errorIn({ body }: Branch): Statement | null {
  const errors = body.flatMap((block) =>
    block.kind === 'statement' && isErrorDirective(block.statement) ? block : [],
  );
  return errors[0]?.statement ?? null;
}

/** Whether a statement ends the assembly without an output. */
function isErrorDirective({ tokens }: Statement): boolean {
  return ERROR.test(directiveName(tokens) ?? '');
}

/** The `.error` that an `.if` is known to come to; null for none. */
export function reachedError(branches: readonly Branch[], symbols: SymbolTable): Statement | null {
  if (!branches.some(isError)) return null;
  for (const branch of branches) {
    const holds = branch.header ? branchHolds(branch.header, symbols) : true;
    if (holds === null) return null;
    if (holds) return errorIn(branch);
  }
  return null;
}

/** `.if \a && !\b` as it was substituted. */
function conditionOf({ tokens }: Statement): ConditionGuard {
  const text = `${directiveName(tokens) ?? ''} ${textOf(directiveArguments(tokens))}`;
  return { kind: 'assembler', condition: readCondition(text), negated: false };
}

/** Whether the `.if` that a branch begins with holds (GNU as manual, "If"); null when that isn't known. */
function branchHolds(header: Statement, symbols: SymbolTable): boolean | null {
  const directive = directiveName(header.tokens) ?? '';
  const rest = glued(directiveArguments(header.tokens));
  const text = (tokens: readonly AsmToken[] | undefined) => (tokens ?? []).map((token) => token.text).join('');
  const [left, right] = splitAt(rest, ',');
  switch (directive) {
    case '.ifc':
    case '.ifeqs':
      return text(left) === text(right);
    case '.ifnc':
    case '.ifnes':
      return text(left) !== text(right);
    case '.ifb':
      return rest.length === 0;
    case '.ifnb':
      return rest.length > 0;
    case '.ifdef':
      return symbols.isSet(text(rest)) || null;
    case '.ifndef':
    case '.ifnotdef':
      return symbols.isSet(text(rest)) ? false : null;
    default:
      return comparison(directive, symbols.valueOf(rest));
  }
}

/** What is wrong with the operands of the directive that a branch begins with, so that it does not assemble; null for nothing. */
export function wrongOperands({ tokens }: Statement): string | null {
  const directive = directiveName(tokens) ?? '';
  const count = splitAt(glued(directiveArguments(tokens)), ',').length;
  if (COMPARISONS.has(directive)) return count < 2 ? 'lacks an operand' : null;
  return VALUES.test(directive) && count > 1 ? 'has an operand too many' : null;
}

/** Directives that test a value. */
const VALUES = /^\.(?:else)?if(?:eq|ne|ge|gt|le|lt)?$/;

/** Directives that compare two texts. */
const COMPARISONS: ReadonlySet<string> = new Set(['.ifc', '.ifeqs', '.ifnc', '.ifnes']);

function comparison(directive: string, value: number | null): boolean | null {
  if (value === null) return null;
  switch (directive) {
    case '.ifeq':
      return value === 0;
    case '.ifge':
      return value >= 0;
    case '.ifgt':
      return value > 0;
    case '.ifle':
      return value <= 0;
    case '.iflt':
      return value < 0;
    default:
      return value !== 0;
  }
}
