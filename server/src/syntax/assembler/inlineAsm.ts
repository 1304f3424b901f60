import type { MacroLookup } from '../preprocessor/macroExpansion.js';
import { conditionsAt, readDirectives, type Directives } from '../preprocessor/directives.js';
import type { Problem } from '../text/problem.js';
import type { Span } from '../text/sourceText.js';
import { collapse, forEachToken, type Token } from '../text/tokens.js';
import { plainToken, splitAt, type Statement } from './asmToken.js';
import { assemble } from './assembler.js';
import { conditionsHold, knownNames } from '../preprocessor/conditionTruth.js';
import type { AsmEnvironment } from './definitions.js';
import { readTemplate } from './inlineTemplate.js';
import type { AsmInstruction } from './instruction.js';
import type { InlineOperand } from './operand.js';
import type { Gpr } from '../x86/registers.js';
import type { RegisterValue } from '../flow/registerValue.js';

/** An `asm()` statement of C. Offsets are those of the C file. */
export interface InlineAsm extends Span {
  readonly instructions: readonly AsmInstruction[];
  /** Outputs, then inputs, as `%0`, `%1` count them. */
  readonly operands: readonly InlineOperand[];
  /** What registers hold when it begins, as far as the operands' constraints say: for `traceRegisters`. */
  readonly atBeginning: ReadonlyMap<Gpr, RegisterValue>;
  readonly problems: readonly Problem[];
}

/** Constraints that ask for one register (GCC manual, "Constraints for Particular Machines", x86). */
const CONSTRAINT_REGISTER: Readonly<Record<string, Gpr>> = {
  a: 'RAX',
  b: 'RBX',
  c: 'RCX',
  d: 'RDX',
  S: 'RSI',
  D: 'RDI',
};

/** Where the `asm` statements of a C text begin: the offsets of the word. */
export function inlineAsmOffsets(text: string): number[] {
  const offsets: number[] = [];
  if (!/\b(?:__)?asm(?:__)?\b/.test(text)) return offsets;
  forEachToken(text, 0, text.length, (kind, start, end) => {
    if (kind === 'word' && /^(?:__)?asm(?:__)?$/.test(text.slice(start, end))) offsets.push(start);
  });
  return offsets;
}

/**
 * Reads the `asm volatile ("..." : outputs : inputs : clobbers)` that begins at an offset of a C text, with the `#define`s
 * of the environment and of `lookup` (the C file's own). null when no asm statement with a template stands there.
 */
export function readInlineAsm(
  text: string,
  start: number,
  environment: AsmEnvironment,
  lookup: MacroLookup = () => undefined,
  directives: Directives = readDirectives(text),
): InlineAsm | null {
  const { tokens, end } = bracketTokens(text, start, directives);
  const sections = sectionsOf(tokens);
  const [template, outputs, inputs] = sections;
  if (!template || template.length === 0) return null;
  const known = knownNames(environment.wordSize);
  const holds = (token: Token) => conditionsHold(conditionsAt(directives, token.start), known) !== false;
  const operands = [outputs, inputs].flatMap((list) => readOperandList(text, (list ?? []).filter(holds)));
  const byPlaceholder = placeholders(operands);
  const statements: Statement[] = readTemplate(template, (name) => lookup(name) ?? environment.cppMacros.get(name)).map(
    (statementTokens) => ({
      tokens: statementTokens.map(plainToken),
      conditions: conditionsAt(directives, statementTokens[0]?.start ?? start),
      start: statementTokens[0]?.start ?? start,
      end: statementTokens.at(-1)?.end ?? end,
    }),
  );
  const assembled = assemble(statements, {
    environment,
    defines: () => () => undefined,
    inlineOperand: (placeholder) => byPlaceholder(placeholder),
  });
  const atBeginning = new Map<Gpr, RegisterValue>();
  for (const operand of operands) {
    if (operand.gpr !== null && !operand.constraint.includes('=')) {
      atBeginning.set(operand.gpr, { kind: 'operand', expression: operand.expression });
    }
  }
  return { start, end, instructions: assembled.instructions, operands, atBeginning, problems: assembled.problems };
}

/** The tokens inside the brackets behind `asm`, without directive lines, and the statement's end. */
function bracketTokens(text: string, start: number, directives: Directives): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  const limit = statementLimit(text, start);
  let depth = 0;
  let end = -1;
  const lines = directives.lines.filter((line) => line.end > start && line.start < limit);
  let line = 0;
  forEachToken(text, start, limit, (kind, from, to, spaced) => {
    while ((lines[line]?.end ?? Infinity) <= from) line++;
    if (end >= 0 || (lines[line]?.start ?? Infinity) <= from) return;
    const token: Token = { kind, text: text.slice(from, to), start: from, end: to, spaced };
    if (token.text === ')' && --depth === 0) end = to;
    if (depth > 0) tokens.push(token);
    if (token.text === '(') depth++;
  });
  return { tokens, end: end >= 0 ? end : limit };
}

/** The longest asm statement of a kernel, the world switch, has some 5,000 characters. */
const LONGEST = 20_000;

/** No statement goes beyond its function's end, the first line that begins with `}`. */
function statementLimit(text: string, start: number): number {
  const end = text.slice(start, start + LONGEST).indexOf('\n}');
  return end < 0 ? Math.min(text.length, start + LONGEST) : start + end;
}

/** Template, outputs, inputs, clobbers. */
function sectionsOf(tokens: readonly Token[]): Token[][] {
  return splitAt(tokens, ':');
}

/** Reads `[name] "constraint" (expression), ...`. */
function readOperandList(text: string, tokens: readonly Token[]): InlineOperand[] {
  return splitAt(tokens, ',').flatMap((part) => {
    const open = part.findIndex((token) => token.text === '(');
    const inside = part.slice(open + 1, -1);
    const [first, last] = [inside[0], inside.at(-1)];
    if (open < 0 || !first || !last) return [];
    const constraint = part.slice(0, open).flatMap((token) => (token.kind === 'string' ? token.text.slice(1, -1) : []));
    const letters = constraint.join('');
    const letter = /^[=+&%]*([abcdSD])$/.exec(letters)?.[1];
    return [
      {
        name: part[0]?.text === '[' ? (part[1]?.text ?? null) : null,
        constraint: letters,
        expression: collapse(text, first.start, last.end),
        gpr: letter === undefined ? null : (CONSTRAINT_REGISTER[letter] ?? null),
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
  return (placeholder) => byName.get(placeholder) ?? null;
}
