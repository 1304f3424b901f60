import type { AsmStep } from '../../facts/assembly/asmFunction.js';
import { commonGuards, type Guard } from '../../syntax/conditions/guard.js';
import { flagConditions, withFlagConditions } from '../egpr/flagConditions.js';
import { withoutRepeatedTests } from '../egpr/hostTests.js';
import type { RegisterModel } from '../registerModel.js';
import { asmFunctionsIn, type AsmFunction } from './assembly.js';

/** What an instruction, or the use of a macro, does with registers and the stack around a VM-entry. */
export interface RegisterSteps extends AsmFunction {
  readonly steps: readonly [AsmStep, ...AsmStep[]];
}

/** The steps of the instruction, or of the macro's use, that an offset of a file is in: of a macro's argument, those of that one alone. Null for none. */
export function registerStepsAt(model: RegisterModel, path: string, offset: number): RegisterSteps | null {
  for (const fn of asmFunctionsIn(model, path)) {
    const here = fn.asm.steps.filter(({ instruction }) => instruction.start <= offset && offset < instruction.end);
    const ofItem = here.filter(({ instruction: { item } }) => item && item.start <= offset && offset < item.end);
    const [first, ...others] = ofItem.length > 0 ? ofItem : here;
    if (first) return { ...fn, steps: [first, ...others] };
  }
  return null;
}

/** The conditions that all of some steps are under, C's for a flag that assembly tests among them. */
export function conditionsOfSteps({ graph }: RegisterModel, steps: readonly AsmStep[]): readonly Guard[] {
  const [first, ...others] = steps.map(({ guards }) => guards);
  const shared = others.reduce(commonGuards, first ?? []);
  return withoutRepeatedTests(withFlagConditions(shared, flagConditions(graph)));
}
