import type { AsmInstruction } from '../assembler/instruction.js';
import type { AsmOperand } from '../assembler/operand.js';
import { readCondition } from '../conditions/condition.js';
import { negate, type ConditionGuard } from '../conditions/guard.js';

/** Instructions that leave the flags as they are (SDM volume 1, appendix A). */
const KEEPS_FLAGS = /^(?:mov\w*|lea[lq]?|push[lq]?|pop[lq]?|j\w+|nop\w*|xchg\w*|not[lq]?)$/;

/** Jumps that are taken when the bit that was tested is clear, and when it is set: by ZF after `test`, by CF after `bt`. */
const TAKEN_IF_CLEAR = { test: /^j(?:z|e)$/, bt: /^j(?:nc|ae|nb)$/ } as const;
const TAKEN_IF_SET = { test: /^jn(?:z|e)$/, bt: /^j(?:c|b|nae)$/ } as const;

/** No kernel's conditional code is longer. Instructions. */
const FARTHEST = 1_000;

/**
 * The conditions that jumps ahead put each instruction of a function under: behind `testl $FLAG, flags; jz 1f` and before `1:`
 * it is `FLAG`; behind a jump that is patched in for a CPU feature, that feature's absence. A test without a name gives none.
 * Where code between is jumped to from elsewhere, the condition ends.
 */
export function skipConditions(instructions: readonly AsmInstruction[]): readonly (readonly ConditionGuard[])[] {
  const conditions = instructions.map((): ConditionGuard[] => []);
  const labelled = labelledInstructions(instructions);
  const targets = instructions.map((instruction, i) => targetOf(instruction, i, labelled));
  const jumps = grouped(targets.map((target, i) => [target, i] as const));
  let tested: Test | null = null;
  instructions.forEach((instruction, from) => {
    tested = testBehind(instruction, tested);
    const to = targets[from] ?? -1;
    const condition = to > from && to - from < FARTHEST ? conditionBehind(instruction, tested) : null;
    if (condition === null) return;
    const isEntered = (at: number) => jumps.get(at)?.some((jump) => jump < from || jump > to);
    for (let at = from + 1; at < to && !isEntered(at); at++) conditions[at]?.push(condition);
  });
  return conditions;
}

/** What the flags tell: whether a bit is set that a name stands for. */
interface Test {
  readonly by: 'test' | 'bt';
  /** The condition that it is set. */
  readonly isSet: ConditionGuard;
}

function testBehind({ mnemonic, operands }: AsmInstruction, before: Test | null): Test | null {
  const by = /^bt[lq]?$/.test(mnemonic) ? 'bt' : /^test[bwlq]?$/.test(mnemonic) ? 'test' : null;
  if (by === null) return KEEPS_FLAGS.test(mnemonic) ? before : null;
  const name = testedName(operands);
  return name === null ? null : { by, isSet: { kind: 'flag', condition: readCondition(name), negated: false } };
}

/** The name that stands for the tested bit: `KVM_ENTER_VMRESUME` of `$KVM_ENTER_VMRESUME`. */
function testedName([mask]: readonly AsmOperand[]): string | null {
  return mask?.kind === 'immediate' ? (mask.expression.names[0]?.name ?? null) : null;
}

function conditionBehind({ mnemonic, alternative }: AsmInstruction, tested: Test | null): ConditionGuard | null {
  if (/^jmp[lq]?$/.test(mnemonic)) return alternative?.feature ? negate(alternative.feature) : null;
  if (!tested) return null;
  if (TAKEN_IF_CLEAR[tested.by].test(mnemonic)) return tested.isSet;
  return TAKEN_IF_SET[tested.by].test(mnemonic) ? negate(tested.isSet) : null;
}

/** The indexes of the instructions that have a label, in the order of the text. */
function labelledInstructions(instructions: readonly AsmInstruction[]): ReadonlyMap<string, readonly number[]> {
  return grouped(instructions.flatMap(({ labels }, i) => labels.map((label) => [label, i] as const)));
}

/** The index of the instruction that a jump leads to; -1 for other instructions and jumps out of the function. */
function targetOf(
  { mnemonic, operands: [target] }: AsmInstruction,
  jump: number,
  labelled: ReadonlyMap<string, readonly number[]>,
): number {
  if (!/^j[a-z]+$/.test(mnemonic) || target?.kind !== 'symbol') return -1;
  const [, number, direction] = /^(\d+)([fb])$/.exec(target.expression.text) ?? [];
  const places = labelled.get(number ?? target.expression.text) ?? [];
  if (direction === undefined) return places[0] ?? -1;
  return (direction === 'f' ? places.find((at) => at > jump) : places.findLast((at) => at <= jump)) ?? -1;
}

/** Values by their key. */
function grouped<K, V>(pairs: readonly (readonly [K, V])[]): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>();
  for (const [key, value] of pairs) {
    const known = groups.get(key);
    if (known) known.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
