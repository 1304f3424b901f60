import { distinctGuards } from '../conditions/guard.js';
import { splitAt } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import { isPrefix } from '../x86/mnemonics.js';
import type { AsmToken } from './asmToken.js';
import { readExpression } from './expression.js';
import type { AsmAlternative, AsmData, AsmInstruction, DataValue } from './instruction.js';
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

/** A statement's words before its operands. */
interface InstructionParts {
  readonly prefixes: readonly AsmToken[];
  readonly mnemonic: AsmToken;
  readonly operands: readonly AsmToken[];
}

/** Takes a statement of glued tokens apart; null where no word is left behind prefixes. */
function instructionParts(tokens: readonly AsmToken[]): InstructionParts | null {
  let at = 0;
  for (let length = prefixLength(tokens, at); length > 0; length = prefixLength(tokens, at)) at += length;
  const mnemonic = tokens[at];
  if (mnemonic?.kind !== 'word') return null;
  const prefixes = tokens.slice(0, at).filter(({ kind }) => kind === 'word');
  return { prefixes, mnemonic, operands: tokens.slice(at + 1) };
}

/** How many tokens a prefix has that begins at a place with more behind it: `lock`, or `{rex2}`, which asks for an encoding; 0 without one. */
function prefixLength(tokens: readonly AsmToken[], at: number): number {
  const [first, word, end] = tokens.slice(at, at + 3);
  const length =
    first?.text === '{' && word?.kind === 'word' && end?.text === '}' ? 3 : isPrefix(first?.text ?? '') ? 1 : 0;
  return at + length < tokens.length ? length : 0;
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
