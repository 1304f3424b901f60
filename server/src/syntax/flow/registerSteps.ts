import type { AsmInstruction } from '../assembler/instruction.js';
import { instructionEffect } from '../x86/mnemonics.js';
import { GPRS, type Gpr } from '../x86/registers.js';
import { applyEffect } from './effect.js';
import { valuesIn } from './machineState.js';
import { registerOf } from './operands.js';
import type { OriginSet } from './origin.js';
import type { Step } from './step.js';

/**
 * What an instruction does with one GPR and the stack, or with it alone. `saved`: its value goes to the stack. `restored`: it gets
 * back what it held when the function began. `cleared`: it is set to 0, behind VM-entry.
 */
export interface RegisterStep {
  readonly instruction: AsmInstruction;
  readonly gpr: Gpr;
  readonly kind: 'saved' | 'restored' | 'cleared';
  /** Whose value it is that is saved, restored or cleared; `other` for what is neither the host's of that register nor the guest's. */
  readonly whose: 'host' | 'guest' | 'other';
  readonly isAfterEntry: boolean;
}

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

/** Steps of all ways, each once; none of an instruction that does different things on them. */
export function agreedSteps(steps: readonly RegisterStep[]): RegisterStep[] {
  const found = new Map<string, RegisterStep | null>();
  for (const step of steps) {
    const key = `${step.instruction.file ?? ''} ${String(step.instruction.position)} ${step.gpr}`;
    const known = found.get(key);
    found.set(key, known === undefined || (known && isSame(known, step)) ? step : null);
  }
  return [...found.values()].flatMap((step) => step ?? []);
}

function isSame(one: RegisterStep, other: RegisterStep): boolean {
  return one.kind === other.kind && one.whose === other.whose && one.isAfterEntry === other.isAfterEntry;
}
