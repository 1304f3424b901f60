import type { Span } from '../text/sourceText.js';
import { splitAt } from '../text/brackets.js';
import { allowsMemory, allowsRegister } from '../x86/constraints.js';
import { registerPart, type Gpr } from '../x86/registers.js';
import type { AsmToken } from './asmToken.js';
import { readExpression, type AsmExpression, type SymbolLookup } from './expression.js';

/** An operand of an `asm()` statement in C. */
export interface InlineOperand extends Span {
  /** `rax` of `[rax] "i" (...)`, or null. */
  readonly name: string | null;
  readonly constraint: string;
  /** The C expression, white space collapsed. `start` and `end` are its place. */
  readonly expression: string;
  /** The GPR that the constraint asks for (`"c"`), or null. */
  readonly gpr: Gpr | null;
}

/** A register in an operand. */
export interface AsmRegister extends Span {
  /** Its GPR, whatever part is named; null for another register and for one that the compiler chooses. */
  readonly gpr: Gpr | null;
  /** As the assembler sees it, without `%`. */
  readonly name: string;
  /** In bits; null where the name doesn't tell. */
  readonly width: 8 | 16 | 32 | 64 | null;
  /** The operand of the `asm()` statement that it is, if any. */
  readonly inline: InlineOperand | null;
}

/** An AT&T operand. `start` and `end` are the tokens of this file that it comes from. */
export type AsmOperand =
  | (AsmRegister & { readonly kind: 'register' })
  | (Span & {
      readonly kind: 'memory';
      /** Of an `"m"` operand of an `asm()` statement the placeholder, which stands for the whole address. */
      readonly base: AsmRegister | null;
      readonly index: AsmRegister | null;
      readonly scale: number;
      readonly displacement: AsmExpression | null;
      readonly segment: string | null;
    })
  | (Span & { readonly kind: 'immediate' | 'symbol'; readonly expression: AsmExpression });

/** What operands are read with. */
export interface OperandContext {
  readonly symbols: SymbolLookup;
  /** Where an operand stands when none of its tokens was written in this file. */
  readonly place: Span;
  /** The operand of the `asm()` statement that `%0` or `%[name]` means. */
  readonly inlineOperand: (placeholder: string) => InlineOperand | null;
}

/** Reads the operands of an instruction from glued tokens. */
export function readOperands(tokens: readonly AsmToken[], context: OperandContext): AsmOperand[] {
  return splitAt(tokens, ',').flatMap((part) => (part.length > 0 ? [readOperand(part, context)] : []));
}

function readOperand(written: readonly AsmToken[], context: OperandContext): AsmOperand {
  const place = spanOf(written, context.place);
  // `*%rax`: an indirect branch.
  const tokens = written[0]?.text === '*' ? written.slice(1) : written;
  const [first, second, third] = tokens;
  if (first?.text === '$')
    return { kind: 'immediate', expression: readExpression(tokens.slice(1), context.symbols, place), ...place };
  if (first?.text === '%' && second && third?.text === ':')
    return readMemory(tokens.slice(3), second.text, place, context);
  const register = tokens.length <= 2 || first?.text === '%' ? readRegister(tokens, context) : null;
  return (register && registerOperand(register, place)) ?? readMemory(tokens, null, place, context);
}

/** A register, or what an `"m"` operand of an `asm()` statement stands for; null for an `"i"` operand. */
function registerOperand(register: AsmRegister, place: Span): AsmOperand | null {
  const { inline } = register;
  if (!inline || allowsRegister(inline.constraint)) return { kind: 'register', ...register, ...place };
  if (!allowsMemory(inline.constraint)) return null;
  return { kind: 'memory', base: register, index: null, scale: 1, displacement: null, segment: null, ...place };
}

function readMemory(
  tokens: readonly AsmToken[],
  segment: string | null,
  place: Span,
  context: OperandContext,
): AsmOperand {
  const open = addressAt(tokens);
  if (open < 0 && segment === null)
    return { kind: 'symbol', expression: readExpression(tokens, context.symbols, place), ...place };
  const displacement = open < 0 ? tokens : tokens.slice(0, open);
  const [base, index, scale] = open < 0 ? [] : splitAt(tokens.slice(open + 1, -1), ',');
  return {
    kind: 'memory',
    base: readRegister(base ?? [], context),
    index: readRegister(index ?? [], context),
    scale: Number(scale?.[0]?.text ?? 1) || 1,
    displacement: displacement.length > 0 ? readExpression(displacement, context.symbols, place) : null,
    segment,
    ...place,
  };
}

/** The index of the bracket of `(base, index, scale)` at the end; -1 without one. */
export function addressAt(tokens: readonly AsmToken[]): number {
  if (tokens.at(-1)?.text !== ')') return -1;
  let depth = 0;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const text = tokens[i]?.text;
    if (text === ')') depth++;
    if (text !== '(' || --depth > 0) continue;
    const inside = tokens[i + 1]?.text ?? '';
    return inside === '%' || inside === ',' || isPlaceholder(inside) ? i : -1;
  }
  return -1;
}

/** Whether a word is an operand of an `asm()` statement: `%0`, `%[name]`. */
export function isPlaceholder(text: string): boolean {
  return /^%(?:\[|\d)/.test(text);
}

function readRegister(tokens: readonly AsmToken[], context: OperandContext): AsmRegister | null {
  const [percent, name] = tokens;
  if (!percent) return null;
  const place = spanOf(tokens, context.place);
  if (isPlaceholder(percent.text)) {
    const inline = context.inlineOperand(percent.text);
    return { gpr: inline?.gpr ?? null, name: percent.text, width: null, inline, ...place };
  }
  if (percent.text !== '%' || !name) return null;
  const part = registerPart(name.text);
  return { gpr: part?.gpr ?? null, name: name.text, width: part?.width ?? null, inline: null, ...place };
}

function spanOf(tokens: readonly AsmToken[], otherwise: Span): Span {
  const written = tokens.filter((token) => !token.isBorrowed);
  if (written.length === 0) return { start: otherwise.start, end: otherwise.end };
  return {
    start: Math.min(...written.map((token) => token.start)),
    end: Math.max(...written.map((token) => token.end)),
  };
}
