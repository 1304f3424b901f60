import {
  asmEnvironment,
  readAsmDefinitions,
  type AsmEnvironment,
} from '../../server/src/syntax/assembler/definitions.js';
import type { LinearForm } from '../../server/src/syntax/assembler/expression.js';
import type { AsmInstruction } from '../../server/src/syntax/assembler/instruction.js';
import type { AsmOperand, AsmRegister } from '../../server/src/syntax/assembler/operand.js';
import { readAssembly, readAssemblyText, type Assembly } from '../../server/src/syntax/assembler/readAssembly.js';
import type { Origin } from '../../server/src/syntax/flow/origin.js';
import type { SlotTransfer } from '../../server/src/syntax/flow/slotTransfer.js';

/** The environment of headers given as texts. */
export function headers(texts: readonly string[], wordSize: 4 | 8 = 8): AsmEnvironment {
  return asmEnvironment(
    texts.map((text) => readAsmDefinitions(text)),
    wordSize,
  );
}

export function read(text: string, environment: AsmEnvironment = headers([])): Assembly {
  return readAssembly(readAssemblyText(text), environment);
}

/** The instructions, one a line: `mov VMX_regs+8(RDI), RCX`. */
export function shown(text: string, environment?: AsmEnvironment): string[] {
  return read(text, environment).instructions.map(showInstruction);
}

export function showInstruction(instruction: AsmInstruction): string {
  const words = [...instruction.prefixes, instruction.mnemonic];
  return `${words.join(' ')} ${instruction.operands.map(showOperand).join(', ')}`.trim();
}

function showOperand(operand: AsmOperand): string {
  switch (operand.kind) {
    case 'register':
      return showRegister(operand);
    case 'memory': {
      const segment = operand.segment === null ? '' : `${operand.segment}:`;
      const displacement = operand.displacement ? showForm(operand.displacement.value) : '';
      const parts = [operand.base, operand.index].map((register) => (register ? showRegister(register) : ''));
      return `${segment}${displacement}(${operand.index ? [...parts, operand.scale].join(',') : (parts[0] ?? '')})`;
    }
    case 'immediate':
      return `$${showForm(operand.expression.value)}`;
    case 'symbol':
      return showForm(operand.expression.value);
  }
}

function showRegister(register: AsmRegister): string {
  return register.gpr ?? register.name;
}

function showForm(form: LinearForm | null): string {
  if (!form) return '?';
  const symbols = Array.from(form.symbols, ([name, count]) => (count === 1 ? name : `${count}*${name}`));
  return [...symbols, ...(form.constant !== 0 || symbols.length === 0 ? [String(form.constant)] : [])].join('+');
}

/** `load RDI guest before-entry argument 1 + VMX_regs+56`. */
export function showTransfer(transfer: SlotTransfer): string {
  const { direction, gpr, content, side, base, displacement } = transfer;
  return `${direction} ${gpr ?? '?'} ${content} ${side} ${showValue(base)} + ${showForm(displacement)}`;
}

function showValue(value: Origin): string {
  switch (value.kind) {
    case 'argument':
      return `argument ${value.index}`;
    case 'host':
    case 'guest':
      return `${value.kind} ${value.gpr}`;
    case 'operand':
      return value.expression;
    case 'address':
    case 'loaded':
      return `${value.kind}(${showValue(value.base)} + ${showForm(value.displacement)})`;
    default:
      return value.kind;
  }
}
