import type { AsmInstruction } from '../assembler/instruction.js';
import { instructionEffect } from '../x86/mnemonics.js';
import { GPRS, type Gpr } from '../x86/registers.js';
import { applyEffect } from './effect.js';
import { valuesIn } from './machineState.js';
import { registerOf } from './operands.js';
import type { OriginSet } from './origin.js';
import type { RegisterStep } from './registerSteps.js';
import type { Step } from './step.js';

/** Changes the state as an instruction does, and notes what that is to a register. */
export function applyNoted(step: Step): void {
  const gpr = onlyRegister(step.instruction);
  const kind = gpr && KINDS.get(nameOf(step.instruction));
  if (!gpr || !kind) {
    applyEffect(step);
    return;
  }
  const before = valuesIn(step.state, gpr, step.doubt);
  const { isAfterEntry } = step.state;
  applyEffect(step);
  const values = kind === 'restored' ? valuesIn(step.state, gpr, step.doubt) : before;
  const whose = ownerOf(values, gpr);
  const isTold = kind === 'cleared' ? isAfterEntry : whose !== 'other';
  if (isTold) step.found.registerSteps.push({ instruction: step.instruction, gpr, kind, whose, isAfterEntry });
}

const KINDS: ReadonlyMap<string, RegisterStep['kind']> = new Map([
  ['push', 'saved'],
  ['pop', 'restored'],
  ['xor', 'cleared'],
]);

function nameOf({ mnemonic }: AsmInstruction): string {
  return instructionEffect(mnemonic)?.name ?? mnemonic;
}

/** The GPR that all operands of an instruction are: of `push %rbx`, of `xor %eax, %eax`. */
function onlyRegister({ operands }: AsmInstruction): Gpr | null {
  const [only, another] = new Set(operands.map((operand) => registerOf(operand)?.gpr ?? null));
  return another === undefined ? (GPRS.find((gpr) => gpr === only) ?? null) : null;
}

function ownerOf(values: OriginSet, gpr: Gpr): RegisterStep['whose'] {
  if (values.some(({ kind }) => kind === 'guest')) return 'guest';
  return values.length > 0 && values.every((value) => value.kind === 'host' && value.gpr === gpr) ? 'host' : 'other';
}
