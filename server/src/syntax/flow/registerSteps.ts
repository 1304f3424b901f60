import type { AsmInstruction } from '../assembler/instruction.js';
import type { Gpr } from '../x86/registers.js';

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
