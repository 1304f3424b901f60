import { distinctGuards } from '../conditions/guard.js';
import { splitAt } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import { readExpression } from './expression.js';
import type { AsmAlternative, AsmData, AsmInstruction, DataValue } from './instruction.js';
import { instructionParts } from './instructionParts.js';
import { readOperands, type OperandContext } from './operand.js';
import { conditionsOf, type Scope } from './scope.js';
import type { Statement } from './statements.js';

/** What depends on the code around a piece of code. */
export type Placement = 'function' | 'labels' | 'section' | 'position';

/** A piece of code that is not placed yet. */
export type UnplacedCode = Omit<AsmInstruction, Placement> | Omit<AsmData, Placement>;

/** Reads the instruction, or the data, that a statement of glued tokens without labels is; null where it is neither. */
export function readCode(
  statement: Statement,
  scope: Scope,
  context: Omit<OperandContext, 'place'>,
): UnplacedCode | null {
  const parts = instructionParts(statement.tokens);
  if (!parts) return null;
  const { prefixes, mnemonic, operands } = parts;
  const place = placeOf(statement, scope);
  const uses = mnemonic.through.filter((name) => name !== mnemonic.text).map((name) => ({ name, ...place }));
  const around = placeInScope(statement, scope);
  const where = { ...around, expansion: [...around.expansion, ...uses] };
  const size = dataSize(mnemonic.text);
  if (size !== null) {
    const expressions = splitAt(operands, ',').map((part) => readExpression(part, context.symbols, place));
    return { ...where, values: expressions.map((expression) => ({ expression, size })) };
  }
  return {
    ...where,
    mnemonic: mnemonic.text,
    prefixes: prefixes.map((token) => token.text),
    operands: readOperands(operands, { ...context, place }),
    bytes: [],
    unread: null,
  };
}

/** Where a statement stands, with all that is around it. */
export function placeInScope(statement: Statement, scope: Scope): Omit<AsmAlternative, Placement | 'branches'> {
  const { expansion, alternative, item } = scope;
  const conditions = distinctGuards(conditionsOf(statement, scope));
  return { ...placeOf(statement, scope), expansion, conditions, alternative, item };
}

const DATA_SIZES: ReadonlyMap<string, DataValue['size']> = new Map([
  ['.byte', 1],
  ['.word', 2],
  ['.short', 2],
  ['.2byte', 2],
  ['.long', 4],
  ['.int', 4],
  ['.4byte', 4],
  ['.quad', 8],
  ['.8byte', 8],
]);

/** The bytes of each value of a directive that writes numbers (GNU as manual, "Pseudo Ops"); null for any other word. */
export function dataSize(directive: string): DataValue['size'] | null {
  return DATA_SIZES.get(directive) ?? null;
}

/** The macro's use, or the statement without what a `#define` that makes several statements put around it. */
function placeOf({ tokens, start, end }: Statement, scope: Scope): Span {
  if (scope.place) return scope.place;
  const written = tokens.filter((token) => token.start >= start && token.end <= end);
  if (written.length === 0) return { start, end };
  return { start: Math.min(...written.map((t) => t.start)), end: Math.max(...written.map((t) => t.end)) };
}
