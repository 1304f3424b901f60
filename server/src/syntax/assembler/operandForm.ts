import { behindParenthesis, splitAt } from '../text/brackets.js';
import { isRegister } from '../x86/knownRegisters.js';
import type { AsmToken } from './asmToken.js';
import { addressAt, isPlaceholder } from './operand.js';

/** What an AT&T operand is by its form: `chosen` is one of an `asm()` statement, which the compiler writes. */
export type OperandForm = 'register' | 'immediate' | 'memory' | 'indirect' | 'chosen';

/** The form of an operand as glued tokens (GNU as manual, "i386-Memory"); null for what no assembler takes as one. */
export function operandForm(tokens: readonly AsmToken[]): OperandForm | null {
  const [first] = tokens;
  // `{%k1}`, `{sae}`: vector instructions have more, which is not read.
  if (tokens.some(({ text }) => text === '{')) return 'chosen';
  switch (first?.text) {
    case '*':
      return operandForm(tokens.slice(1)) && 'indirect';
    case '$':
      return isExpression(tokens.slice(1)) ? 'immediate' : null;
    case '%':
      return registerForm(tokens);
    default:
      if (first && isPlaceholder(first.text) && tokens.length === 1) return 'chosen';
      return isAddress(tokens) ? 'memory' : null;
  }
}

/** The form of what begins with a register. */
function registerForm(tokens: readonly AsmToken[]): OperandForm | null {
  if (!isRegister(tokens[1]?.text ?? '')) return null;
  if (tokens[2]?.text === ':') return isAddress(tokens.slice(3)) ? 'memory' : null;
  return tokens.length === 2 || isStackRegister(tokens) ? 'register' : null;
}

/** `%st(1)`. */
function isStackRegister(tokens: readonly AsmToken[]): boolean {
  return tokens.length === 5 && tokens[1]?.text === 'st' && tokens[2]?.text === '(' && tokens[3]?.kind === 'number';
}

/** `8(%rax,%rcx,4)`, `name(%rip)`, `name + 8`. */
function isAddress(tokens: readonly AsmToken[]): boolean {
  const open = addressAt(tokens);
  if (open < 0) return isExpression(tokens);
  const [base, index, scale, ...more] = splitAt(tokens.slice(open + 1, -1), ',');
  const areRegisters = [base, index].every((part) => !part || part.length === 0 || isOneRegister(part));
  const isScaled = !scale || scale.length === 0 || isExpression(scale);
  return areRegisters && isScaled && more.length === 0 && (open === 0 || isExpression(tokens.slice(0, open)));
}

function isOneRegister([first, name, more]: readonly AsmToken[]): boolean {
  if (first && isPlaceholder(first.text)) return !name;
  return first?.text === '%' && name !== undefined && isRegister(name.text) && !more;
}

const UNARY: ReadonlySet<string> = new Set('- + ~ !'.split(' '));
/** Those of GNU as, `<>` as its two tokens; `@` stands before what a symbol is wanted for (`name@PLT`). */
const BINARY: ReadonlySet<string> = new Set('+ - * / % << >> & | ^ ! && || == != < > <= >= @'.split(' '));

/** Whether tokens are written as an expression is: what stands in it may be of any value. */
function isExpression(tokens: readonly AsmToken[]): boolean {
  let depth = 0;
  let isDue = true;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) break;
    const { text } = token;
    if (isDue) {
      if (text === '(') depth++;
      else if (isValue(token)) isDue = false;
      else if (!UNARY.has(text) && !(text === '>' && tokens[i - 1]?.text === '<')) return false;
    } else if (text === ')') {
      if (--depth < 0) return false;
    } else if (isCall(tokens, i)) i = behindParenthesis(tokens, i) - 1;
    else if (BINARY.has(text)) isDue = true;
    else return false;
  }
  return !isDue && depth === 0;
}

function isValue({ kind, text }: AsmToken): boolean {
  return kind !== 'punctuator' || text === '.';
}

/** The arguments of a macro that no header at hand defines: `PER_CPU_VAR(name)`. */
function isCall(tokens: readonly AsmToken[], open: number): boolean {
  const [name, bracket] = [tokens[open - 1], tokens[open]];
  return bracket?.text === '(' && !bracket.spaced && name?.kind === 'word';
}
