import { distinctGuards } from '../conditions/guard.js';
import { splitAt } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import { isPrefix } from '../x86/mnemonics.js';
import type { AsmToken } from './asmToken.js';
import { readExpression } from './expression.js';
import type { AsmData, AsmInstruction, DataValue } from './instruction.js';
import { readOperands, type OperandContext } from './operand.js';
import { conditionsOf, type Scope } from './scope.js';
import type { Statement } from './statements.js';

/** What depends on the code around a piece of code. */
type Placement = 'function' | 'labels' | 'section';

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
  const place = scope.place ?? placeOf(statement);
  const uses = mnemonic.through.filter((name) => name !== mnemonic.text).map((name) => ({ name, ...place }));
  const { isAlternative, feature, item } = scope;
  const conditions = distinctGuards(conditionsOf(statement, scope));
  const where = { ...place, expansion: [...scope.expansion, ...uses], conditions, isAlternative, feature, item };
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
  };
}

/** A statement's words before its operands. */
interface InstructionParts {
  readonly prefixes: readonly AsmToken[];
  readonly mnemonic: AsmToken;
  readonly operands: readonly AsmToken[];
}

/** Takes a statement of glued tokens apart; null where no word is left behind prefixes. */
function instructionParts(tokens: readonly AsmToken[]): InstructionParts | null {
  let at = 0;
  while (at < tokens.length - 1 && isPrefix(tokens[at]?.text ?? '')) at++;
  const mnemonic = tokens[at];
  if (mnemonic?.kind !== 'word') return null;
  return { prefixes: tokens.slice(0, at), mnemonic, operands: tokens.slice(at + 1) };
}

/** The bytes of each value of a directive that kernels write instructions with; null for any other word. */
export function dataSize(directive: string): DataValue['size'] | null {
  if (directive === '.byte') return 1;
  return directive === '.long' || directive === '.int' || directive === '.4byte' ? 4 : null;
}

/** The statement without what a `#define` that makes several statements put around it. */
function placeOf({ tokens, start, end }: Statement): Span {
  const written = tokens.filter((token) => token.start >= start && token.end <= end);
  if (written.length === 0) return { start, end };
  return { start: Math.min(...written.map((t) => t.start)), end: Math.max(...written.map((t) => t.end)) };
}
