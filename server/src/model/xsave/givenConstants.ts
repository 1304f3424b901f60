import type { CallFact } from '../../facts/source/calls.js';
import type { Atom } from '../../syntax/conditions/condition.js';
import { guardTruth, type Guard } from '../../syntax/conditions/guard.js';

/** The number that a constant expression stands for; null for any other text. */
export type ConstantValue = (text: string) => bigint | null;

/** The guards of a callee that the constants of a call leave open; null where one of them is false. */
export function guardsLeftOpen(
  guards: readonly Guard[],
  parameters: readonly { readonly name: string }[],
  { call, valueOf }: { readonly call: CallFact; readonly valueOf: ConstantValue },
): Guard[] | null {
  const given = new Map(parameters.map(({ name }, i) => [name, call.arguments[i] ?? ''] as const));
  const left: Guard[] = [];
  for (const guard of guards) {
    const truth = guardTruth(guard, (atom) => truthOf(atom, given, valueOf));
    if (truth === false) return null;
    if (truth === null) left.push(guard);
  }
  return left;
}

/** Whether a test of a parameter holds, where that is given a constant: `load_guest`, `access == MSR_TYPE_R`, `access & MSR_TYPE_R`. */
function truthOf(atom: Atom, given: ReadonlyMap<string, string>, valueOf: ConstantValue): boolean | null {
  if (atom.kind === 'value') return TRUTH.get(given.get(atom.text) ?? '') ?? null;
  const sides =
    atom.kind === 'comparison' ? [atom.left, atom.right] : atom.kind === 'bits' ? [atom.value, atom.mask] : [];
  if (!sides.some((side) => given.has(side))) return null;
  const [a, b] = sides.map((side) => valueOf(given.get(side) ?? side));
  if (a === undefined || b === undefined || a === null || b === null) return null;
  if (atom.kind === 'bits') return (a & b) !== 0n;
  if (atom.kind !== 'comparison') return null;
  return atom.operator === '==' ? a === b : atom.operator === '!=' ? a !== b : null;
}

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
  ['NULL', false],
]);
