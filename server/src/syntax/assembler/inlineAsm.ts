import { conditionsHold, knownNames } from '../preprocessor/conditionTruth.js';
import { configGuardsAt, readDirectives, type Directives } from '../preprocessor/directives.js';
import type { ExpandedToken, MacroLookup } from '../preprocessor/macroExpansion.js';
import { behindParenthesis, splitAt } from '../text/brackets.js';
import type { Problem, Span } from '../text/sourceText.js';
import { forEachToken, joinedTokens, outside, type Token } from '../text/tokens.js';
import type { Origin } from '../flow/origin.js';
import { constraintRegister } from '../x86/constraints.js';
import { decodeData } from '../x86/encodedData.js';
import type { Gpr } from '../x86/registers.js';
import { plainToken } from './asmToken.js';
import { assemble } from './assembler.js';
import { headerDefine, type AsmEnvironment } from './definitions.js';
import { readTemplate, type InlineToken } from './inlineTemplate.js';
import type { AsmCode } from './instruction.js';
import type { InlineOperand } from './operand.js';
import { operandLoads, operandStores, operandWords, withMatchedRegisters } from './operandMoves.js';
import type { Statement } from './statements.js';

/** An `asm()` statement of C. Offsets are those of the C file. */
export interface InlineAsm extends Span, AsmCode {
  /** Outputs, then inputs, as `%0`, `%1` count them. */
  readonly operands: readonly InlineOperand[];
  /** What registers hold when it begins, as far as the operands' constraints say. */
  readonly atBeginning: ReadonlyMap<Gpr, Origin>;
  readonly problems: readonly Problem[];
}

/** What an `asm()` statement is read with. */
interface InlineAsmContext {
  /** What the C file includes. */
  readonly environment: AsmEnvironment;
  /** The C file's own `#define`s; none when left out. */
  readonly lookup?: MacroLookup;
  /** Those of the text; read from it when left out. */
  readonly directives?: Directives;
  /** The instructions are also those by which the compiler moves operands to and from registers. */
  readonly withOperandMoves?: boolean;
}

/** The word as GCC has it, and the kernel's macros that stand for it (linux/compiler_types.h, linux/compiler-gcc.h). */
export const ASM_WORDS: ReadonlySet<string> = new Set([
  'asm',
  '__asm',
  '__asm__',
  'asm_inline',
  'asm_volatile_goto',
  'asm_goto_output',
]);

/** Whether a token is the word that begins an `asm` statement. */
export function isAsmWord({ kind, text }: Token): boolean {
  return kind === 'word' && ASM_WORDS.has(text);
}

/** Where the `asm` statements of a C text begin: the offsets of the word. */
export function inlineAsmOffsets(text: string): number[] {
  const offsets: number[] = [];
  if (!text.includes('asm')) return offsets;
  forEachToken(text, 0, text.length, (kind, start, end) => {
    if (kind === 'word' && ASM_WORDS.has(text.slice(start, end))) offsets.push(start);
  });
  return offsets;
}

/**
 * Reads the `asm volatile ("..." : outputs : inputs : clobbers)` that begins at an offset of a C text (GCC manual, "Extended
 * Asm"). null when no asm statement with a template stands there. Never throws.
 */
export function readInlineAsm(text: string, start: number, context: InlineAsmContext): InlineAsm | null {
  const { directives = readDirectives(text) } = context;
  const { tokens, end } = bracketTokens(text, start, directives);
  return readStatement(tokens, { start, end }, { ...context, directives });
}

/**
 * Reads the `asm` statements in what the use of a macro expands to: `asm_safe("vmrun", ...)`. What the macro's body says stands
 * where the macro is used. Never throws.
 */
export function readExpandedAsm(expansion: readonly ExpandedToken[], use: Span, context: ReadContext): InlineAsm[] {
  const tokens = expansion.map((token): InlineToken =>
    token.writtenIn ? { ...token, start: use.start, end: use.end, isBorrowed: true } : token,
  );
  return tokens.flatMap((word, i) => {
    if (!isAsmWord(word)) return [];
    // `volatile`, `goto` and `inline` may stand between.
    const open = tokens.findIndex((token, at) => at > i && token.text === '(');
    const inside = open < 0 ? [] : tokens.slice(open + 1, behindParenthesis(tokens, open) - 1);
    return readStatement(inside, use, context) ?? [];
  });
}

type ReadContext = InlineAsmContext & { readonly directives: Directives };

/** `tokens`: what stands in the brackets behind `asm`. */
function readStatement(
  tokens: readonly InlineToken[],
  { start, end }: Span,
  { environment, lookup = () => undefined, directives, withOperandMoves }: ReadContext,
): InlineAsm | null {
  const [template, outputs = [], inputs = []] = splitAt(tokens, ':');
  if (!template || template.length === 0) return null;
  const known = knownNames(environment.wordSize);
  const holds = (token: Token) => conditionsHold(configGuardsAt(directives, token.start), known) !== false;
  const operands = withMatchedRegisters([outputs, inputs].flatMap((list) => readOperandList(list.filter(holds))));
  const lines = readTemplate(template, (name) => lookup(name) ?? headerDefine(environment, name));
  const written = lines.map((line): Statement => {
    const [from, to] = [line[0]?.start ?? start, line.at(-1)?.end ?? end];
    return { tokens: line.map(plainToken), conditions: configGuardsAt(directives, from), start: from, end: to };
  });
  const statements = withOperandMoves ? [...operandLoads(operands), ...written, ...operandStores(operands)] : written;
  const { code, alternatives, problems } = assemble(statements, {
    environment,
    defines: () => () => undefined,
    inlineOperand: placeholders(operands),
  });
  const decoded = decodeData(code, environment.wordSize);
  return { start, end, ...decoded, alternatives, operands, atBeginning: valuesAtBeginning(operands), problems };
}

function valuesAtBeginning(operands: readonly InlineOperand[]): ReadonlyMap<Gpr, Origin> {
  const values = new Map<Gpr, Origin>();
  for (const { gpr, constraint, expression } of operands) {
    if (gpr !== null && !constraint.includes('=')) values.set(gpr, { kind: 'operand', expression });
  }
  return values;
}

/** The tokens inside the brackets behind `asm`, without directive lines, and the statement's end. */
function bracketTokens(text: string, start: number, { lines }: Directives): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  const limit = statementLimit(text, start);
  let depth = 0;
  let end = -1;
  const visit = outside(lines, (kind, from, to, gap) => {
    if (end >= 0) return;
    const token: Token = { kind, text: text.slice(from, to), start: from, end: to, spaced: gap !== 'none' };
    if (token.text === ')' && --depth === 0) end = to;
    if (depth > 0) tokens.push(token);
    if (token.text === '(') depth++;
  });
  forEachToken(text, start, limit, visit);
  return { tokens, end: end >= 0 ? end : limit };
}

/** The longest asm statement of a kernel, the world switch, has some 5,000 characters. */
const LONGEST = 20_000;

/** No statement goes beyond its function's end, the first line that begins with `}`. */
function statementLimit(text: string, start: number): number {
  const end = text.slice(start, start + LONGEST).indexOf('\n}');
  return end < 0 ? Math.min(text.length, start + LONGEST) : start + end;
}

/** Reads `[name] "constraint" (expression), ...`. */
function readOperandList(tokens: readonly Token[]): InlineOperand[] {
  return splitAt(tokens, ',').flatMap((part) => {
    const open = part.findIndex((token) => token.text === '(');
    const inside = part.slice(open + 1, -1);
    const [first, last] = [inside[0], inside.at(-1)];
    if (open < 0 || !first || !last) return [];
    const constraint = part.slice(0, open).flatMap((token) => (token.kind === 'string' ? token.text.slice(1, -1) : []));
    const letters = constraint.join('');
    return [
      {
        name: part[0]?.text === '[' ? (part[1]?.text ?? null) : null,
        constraint: letters,
        expression: joinedTokens(inside),
        gpr: constraintRegister(letters),
        start: first.start,
        end: last.end,
      },
    ];
  });
}

function placeholders(operands: readonly InlineOperand[]): (placeholder: string) => InlineOperand | null {
  const byName = new Map<string, InlineOperand>();
  operands.forEach((operand, i) => {
    byName.set(`%${i}`, operand);
    if (operand.name !== null) byName.set(`%[${operand.name}]`, operand);
  });
  for (const [placeholder, word] of operandWords(operands)) byName.set(placeholder, word);
  return (placeholder) => byName.get(placeholder) ?? null;
}
