import { memoizeByIdentity } from '../../cache/memoize.js';
import {
  conditionKey,
  conditionTruth,
  conjunctText,
  negation,
  wordsIn,
  type Atom,
  type Condition,
} from './condition.js';

/**
 * How code comes to be under a condition. `if`: enclosing `if` or `?:`; `else`: its other branch; `exit`: an earlier `if` that
 * leaves and was not taken; `asserted`: an earlier `BUG_ON()` of the contrary; `short-circuit`: the right side of `&&` or `||`; `loop`: the body of `while`; `config`: `#if`.
 * In assembly, `assembler`: `.if`; `alternative`: patched in at boot for a CPU feature (asm/alternative.h); `flag`: a jump that
 * tests a bit.
 */
export type GuardKind =
  'if' | 'else' | 'exit' | 'asserted' | 'short-circuit' | 'loop' | 'config' | 'assembler' | 'alternative' | 'flag';

/** A condition that code is under. */
export type Guard = ConditionGuard | CaseGuard;

/** A test of which code is on one side. */
export interface ConditionGuard {
  readonly kind: GuardKind;
  /** The condition as the source has it. */
  readonly condition: Condition;
  /** The code runs where the condition does not hold. */
  readonly negated: boolean;
}

/** The labels of a `switch` that lead to code. */
export interface CaseGuard {
  readonly kind: 'case';
  /** The values as written, those stacked above each other together; null for `default`. */
  readonly labels: readonly (string | null)[];
  /** What is switched on, as written. */
  readonly subject: string;
}

/** What must hold for a guard's code to run; null for a `case`. */
export function heldCondition(guard: Guard): Condition | null {
  if (guard.kind === 'case') return null;
  return guard.negated ? negation(guard.condition) : guard.condition;
}

/** A guard as the contract of the command line writes it: the condition as in the source, `!(...)` around it where it is negated. */
export function guardText(guard: Guard): string {
  switch (guard.kind) {
    case 'case':
      return guard.labels.map((label) => (label === null ? 'default' : `case ${label}`)).join(' | ');
    case 'loop':
      return `while (${guard.condition.text})`;
    case 'config':
      return guard.negated ? negatedName(guard.condition) : guard.condition.text;
    default:
      return guard.negated ? `!(${guard.condition.text})` : guard.condition.text;
  }
}

/** Whether a guard is a test that leads elsewhere where it fails: not what code only asserts. */
export function isTest(guard: Guard): boolean {
  return guard.kind !== 'asserted';
}

/** `!CONFIG_X` of `CONFIG_X` and the other way round, as the preprocessor's conditions are written. */
function negatedName(condition: Condition): string {
  if (condition.kind === 'value') return `!${condition.text}`;
  const isNegatedName = condition.kind === 'not' && condition.part.kind === 'value';
  return isNegatedName ? condition.part.text : `!(${condition.text})`;
}

/** A guard as it is shown to a reader: without a negation of a negation. */
export function shownGuard(guard: Guard): string {
  const isDouble = guard.kind !== 'case' && guard.negated && guard.condition.kind === 'not';
  return isDouble ? negation(guard.condition).text : guardText(guard);
}

/** A guard as it is shown between `&&`: in parentheses where that would part it. */
export function shownConjunct(guard: Guard): string {
  if (guard.kind === 'case') return shownGuard(guard);
  const { kind, condition, negated } = guard;
  if (negated) return condition.kind === 'not' ? conjunctText(condition.part) : shownGuard(guard);
  return kind === 'loop' ? shownGuard(guard) : conjunctText(condition);
}

/** Guards that hold at once, each as it is shown between `&&`, or alone. */
export function shownConjuncts(guards: readonly Guard[]): string[] {
  return guards.map(guards.length > 1 ? shownConjunct : shownGuard);
}

/** Guards that hold at once, as one condition: `a && (b || c)`. */
export function conjunctionText(guards: readonly Guard[]): string {
  return shownConjuncts(guards).join(' && ');
}

/** A text that is the same for guards that say the same of when code runs, however they came about. */
export const guardKey = memoizeByIdentity((guard: Guard): string => {
  if (guard.kind === 'case') return `switch ${guard.subject}: ${guardText(guard)}`;
  const key = conditionKey(guard.negated ? negation(guard.condition) : guard.condition);
  return guard.kind === 'loop' ? `while ${key}` : key;
});

/** Whether two guards say the same of when code runs. */
export function sameGuard(a: Guard, b: Guard): boolean {
  return a === b || guardKey(a) === guardKey(b);
}

/** Whether a list has a guard, or one that says the same. */
export function hasGuard(guards: readonly Guard[], guard: Guard): boolean {
  if (guards.length === 0) return false;
  const key = guardKey(guard);
  return guards.some((other) => other === guard || guardKey(other) === key);
}

/** Guards with more inside of them, each once. */
export function unionGuards(guards: readonly Guard[], more: readonly Guard[]): readonly Guard[] {
  if (more.length === 0) return guards;
  const fresh = more.filter((guard) => !hasGuard(guards, guard));
  return fresh.length === 0 ? guards : [...guards, ...fresh];
}

/** The guards that both lists have, as the first one has them. */
export function commonGuards(guards: readonly Guard[], others: readonly Guard[]): Guard[] {
  return guards.filter((guard) => hasGuard(others, guard));
}

/** Guards, each once. */
export function distinctGuards<G extends Guard>(guards: readonly G[]): G[] {
  const found = new Map<string, G>();
  for (const guard of guards) {
    const key = guardKey(guard);
    if (!found.has(key)) found.set(key, guard);
  }
  return [...found.values()];
}

/** A guard of the other side of the same test. */
export function negate(guard: ConditionGuard): ConditionGuard {
  return { ...guard, negated: !guard.negated };
}

/** The parts of a guard that all hold where it does, of `A && B` and of an exit under `A || B`, as guards of their own. */
export function guardParts(guard: Guard): readonly Guard[] {
  if (guard.kind === 'case' || guard.kind === 'loop') return [guard];
  const { condition, negated } = guard;
  if (condition.kind === 'not') {
    const parts = guardParts(negate({ ...guard, condition: condition.part }));
    // `!a` alone is left as it is written.
    return negated || parts.length > 1 ? parts : [guard];
  }
  if (condition.kind !== (negated ? 'or' : 'and')) return [guard];
  return condition.parts.flatMap((part) => guardParts({ ...guard, condition: part }));
}

/** Whether one guard, where it holds, makes another hold: it is the same, or a conjunction that has it. */
export function implies(guard: Guard, other: Guard): boolean {
  if (sameGuard(guard, other)) return true;
  const condition = heldCondition(guard);
  return condition !== null && impliedBy(condition, other);
}

/** Whether a guard holds wherever a condition does. */
export function impliedBy(condition: Condition, guard: Guard): boolean {
  return certainKeys(condition).includes(guardKey(guard));
}

/** The keys of the parts of a condition that hold wherever it does. */
function certainKeys(condition: Condition): string[] {
  const own = conditionKey(condition);
  if (condition.kind === 'and') return [own, ...condition.parts.flatMap(certainKeys)];
  const negated = condition.kind === 'not' && condition.part.kind === 'or' ? condition.part.parts.map(negation) : [];
  return [own, ...negated.flatMap(certainKeys)];
}

/** Whether no code is under both of two guards: opposite sides of a test, or other labels of the same `switch`. */
export function excludes(guard: Guard, other: Guard): boolean {
  if (guard.kind === 'case' || other.kind === 'case')
    return (
      guard.kind === 'case' &&
      other.kind === 'case' &&
      guard.subject === other.subject &&
      !guard.labels.some((label) => other.labels.includes(label))
    );
  return implies(guard, negate(other)) || implies(other, negate(guard));
}

/** Whether a condition does not hold where some guards do, as far as they say what its atoms are. */
export function contradicts(guards: readonly Guard[], condition: Condition): boolean {
  const certain = new Set(guards.flatMap((guard) => certainKeys(heldCondition(guard) ?? NO_CONDITION)));
  const known = (atom: Atom) =>
    certain.has(conditionKey(atom)) ? true : certain.has(conditionKey(negation(atom))) ? false : null;
  return conditionTruth(condition, known) === false;
}

/** What a `case` says of conditions. */
const NO_CONDITION: Condition = { kind: 'and', text: '', parts: [] };

/** An atom that a guard tests. */
export interface Literal {
  readonly atom: Atom;
  /** Whether the atom is true where the guard holds, as far as it decides that. */
  readonly holds: boolean;
}

/** The atoms that guards test, each with the side that is taken. Alternatives of `||` are among them. */
export function literalsOf(guards: readonly Guard[]): Literal[] {
  return guards.flatMap((guard) =>
    guard.kind === 'case' || guard.kind === 'loop' ? [] : literalsIn(guard.condition, !guard.negated),
  );
}

/** The atoms of a condition that holds, or does not. */
export function literalsIn(condition: Condition, holds = true): Literal[] {
  switch (condition.kind) {
    case 'not':
      return literalsIn(condition.part, !holds);
    case 'and':
    case 'or':
      return condition.parts.flatMap((part) => literalsIn(part, holds));
    default:
      return [{ atom: condition, holds }];
  }
}

/** The atoms that are decided where guards hold: not those of which only one or another is, as behind `if (a && b) return`. */
export function certainLiterals(guards: readonly Guard[]): Literal[] {
  return guards.flatMap((guard) =>
    guard.kind === 'case' || guard.kind === 'loop' ? [] : certainIn(guard.condition, !guard.negated),
  );
}

function certainIn(condition: Condition, holds: boolean): Literal[] {
  switch (condition.kind) {
    case 'not':
      return certainIn(condition.part, !holds);
    case 'and':
    case 'or': {
      const areAll = condition.parts.length === 1 || holds === (condition.kind === 'and');
      return areAll ? condition.parts.flatMap((part) => certainIn(part, holds)) : [];
    }
    default:
      return [{ atom: condition, holds }];
  }
}

/** Whether a guard has one of some words in it. */
export function mentionsAny(guard: Guard, words: ReadonlySet<string>): boolean {
  return guard.kind !== 'case' && wordsIn(guard.condition).some((word) => words.has(word));
}

/** Whether a guard holds, given what is known of the atoms; null when that is not known. */
export function guardTruth(guard: Guard, known: (atom: Atom) => boolean | null): boolean | null {
  if (guard.kind === 'case') return null;
  const truth = conditionTruth(guard.condition, known);
  return truth === null ? null : truth !== guard.negated;
}

/** Whether a guard tells which value of something code is for, as opposed to whether it runs. */
export function isCase(guard: Guard): guard is CaseGuard {
  return guard.kind === 'case';
}

/** The constants for which guards choose code: the labels of a `case`, null for `default`, and X of `if (reg == X)`. */
export function labelsChosen(guards: readonly Guard[]): readonly (string | null)[] {
  const compared = certainLiterals(guards).flatMap(({ atom, holds }) =>
    atom.kind === 'comparison' && atom.operator === (holds ? '==' : '!=') ? [atom.right, atom.left] : [],
  );
  return [...guards.flatMap((guard) => (guard.kind === 'case' ? guard.labels : [])), ...compared];
}

/** Whether a guard only chooses by a value, as a `case` does: each of its tests compares with one of some constants. */
export function isChoice(guard: Guard, isLabel: (name: string) => boolean): boolean {
  if (guard.kind === 'case') return true;
  const literals = literalsOf([guard]);
  const isOfLabel = ({ atom }: Literal) =>
    atom.kind === 'comparison' && /^[=!]=$/.test(atom.operator) && (isLabel(atom.right) || isLabel(atom.left));
  return literals.length > 0 && literals.every(isOfLabel);
}

/** The one variable, member or flag that a guard tests; null for a guard that tests more or something else. */
export function testedValue(guard: Guard): { readonly name: string; readonly holds: boolean } | null {
  const [only, another] = literalsOf([guard]);
  return only?.atom.kind === 'value' && !another ? { name: only.atom.text, holds: only.holds } : null;
}
