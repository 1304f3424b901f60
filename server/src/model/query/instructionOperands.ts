import type { MacroDefinition } from '../../syntax/preprocessor/directives.js';
import { registerPart } from '../../syntax/x86/registers.js';
import type { RegisterModel } from '../registerModel.js';
import { macroNamed } from './cSymbols.js';
import { sourceOf } from './text.js';

/** A word in a macro's body that makes an instruction of the kernel's own: a hardware register that is its operand, or the macro around it. */
export interface InstructionOperand {
  /** The hardware registers that are operands there, as written. */
  readonly registers: readonly string[];
  /** The macro that puts them into the instruction. */
  readonly macro: string;
}

/** A call of a macro without another inside: `__EM_ASM_1(op##q, rcx)`. */
const CALL = /\b(\w+)\(([^()]*)\)/g;

/** What a word of a macro's body has to do with the operands of instructions that the macro makes; null for any other word. */
export function instructionOperandAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): InstructionOperand | null {
  const source = sourceOf(model, path);
  const macro = source && definitionAround(model, path, offset);
  if (!macro) return null;
  const body = source.text.slice(macro.start, macro.end);
  const at = offset - macro.start;
  const isRegister = registerPart(name) !== null;
  const end = isRegister ? at + 1 : closingOf(body, at + name.length);
  const calls = Array.from(body.matchAll(CALL)).flatMap(({ 0: call, 1: callee = '', 2: given = '', index }) => {
    const isAround = isRegister ? index < at && at < index + call.length : at <= index && index < end;
    const registers = isAround ? operandsGiven(model, callee, given.split(',')) : [];
    return registers.length > 0 ? [{ registers, macro: callee }] : [];
  });
  const [found] = calls;
  return found && (!isRegister || found.registers.includes(name)) ? found : null;
}

function definitionAround({ symbols }: RegisterModel, path: string, offset: number): MacroDefinition | null {
  for (const { file, definition } of symbols.macros.values())
    if (file === path && definition.start <= offset && offset < definition.end) return definition;
  return null;
}

/** Where the parenthesis closes that opens at an offset; the offset itself where none does. */
function closingOf(body: string, open: number): number {
  if (body[open] !== '(') return open;
  let depth = 0;
  for (let at = open; at < body.length; at++) {
    if (body[at] === '(') depth++;
    if (body[at] === ')' && --depth === 0) return at;
  }
  return open;
}

/** Of what a macro is given, the registers that it puts behind a `%` into the text of an instruction: `"%%" #dst`. */
function operandsGiven(model: RegisterModel, callee: string, given: readonly string[]): string[] {
  const definition = macroNamed(model, callee)?.definition;
  return given.flatMap((argument, i) => {
    const word = argument.trim();
    const parameter = definition?.parameters?.[i];
    return definition && parameter !== undefined && registerPart(word) && isOperand(model, definition, parameter)
      ? [word]
      : [];
  });
}

/** How many macros an operand is handed on by. */
const MOST_MACROS = 3;

/** Whether a macro puts a parameter behind a `%`, itself or by a macro that it hands it to. */
function isOperand(model: RegisterModel, { body }: MacroDefinition, parameter: string, distance = 0): boolean {
  const isOwn = body.some(
    ({ text }, i) => text === '#' && body[i + 1]?.text === parameter && (body[i - 1]?.text ?? '').endsWith('%"'),
  );
  if (isOwn || distance >= MOST_MACROS) return isOwn;
  const text = body.map((token) => token.text).join(' ');
  return Array.from(text.matchAll(/\b(\w+) \(([^()]*)\)/g)).some(([, callee = '', given = '']) => {
    const inner = macroNamed(model, callee)?.definition;
    const index = given.split(',').findIndex((argument) => argument.trim() === parameter);
    const handed = inner?.parameters?.[index];
    return inner !== undefined && handed !== undefined && isOperand(model, inner, handed, distance + 1);
  });
}
