import assert from 'node:assert';
import fc from 'fast-check';
import {
  conjunction,
  negation,
  readCondition,
  type Atom,
  type Condition,
} from '../../server/src/syntax/conditions/condition.js';
import {
  conjunctionText,
  contradicts,
  excludes,
  guardText,
  guardTruth,
  implies,
  negate,
  sameGuard,
  shownGuard,
  type ConditionGuard,
} from '../../server/src/syntax/conditions/guard.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';

/** Tests that say nothing of one another. */
const ATOMS = ['a', 'vcpu->arch.b', 'f(x, !y)', 'c & BIT(3)', 'd == 1', 'e ? g : h'] as const;
/** How tightly each binds. */
const STRENGTHS = [3, 3, 3, 2, 2, -1] as const;

/** What is so in a run: the atoms that are true, a bit each. */
type World = number;
const WORLDS: readonly World[] = Array.from({ length: 1 << ATOMS.length }, (_, world) => world);

/** A condition as text, and in which worlds it holds. */
interface Sample {
  readonly text: string;
  readonly holds: (world: World) => boolean;
  /** How tightly it binds: 3 for what needs no brackets, 2 for `==` and `&`, 1 for `&&`, 0 for `||`, -1 for `?:`. */
  readonly strength: number;
}

const atom: fc.Arbitrary<Sample> = fc.nat(ATOMS.length - 1).map((bit) => ({
  text: ATOMS[bit] ?? '',
  holds: (world) => (world & (1 << bit)) !== 0,
  strength: STRENGTHS[bit] ?? 3,
}));

/** A text as a part of what binds so tightly. */
function part({ text, strength }: Sample, least: number): string {
  return strength < least ? `(${text})` : text;
}

const { condition } = fc.letrec<{ condition: Sample }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    atom,
    tie('condition').map((one): Sample => ({
      text: `!${part(one, 3)}`,
      holds: (world) => !one.holds(world),
      strength: 3,
    })),
    tie('condition').map((one): Sample => ({ ...one, text: `( ${one.text})`, strength: 3 })),
    tie('condition').map((one): Sample => ({ ...one, text: `unlikely(${one.text})`, strength: 3 })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]): Sample => ({
      text: `${part(a, 1)} && ${part(b, 1)}`,
      holds: (world) => a.holds(world) && b.holds(world),
      strength: 1,
    })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]): Sample => ({
      text: `${part(a, 0)} || ${part(b, 0)}`,
      holds: (world) => a.holds(world) || b.holds(world),
      strength: 0,
    })),
  ),
}));

interface Input {
  readonly samples: readonly [Sample, Sample];
  readonly negated: readonly [boolean, boolean];
  readonly kinds: readonly [ConditionGuard['kind'], ConditionGuard['kind']];
}

const bit = fc.boolean();
const kind = fc.constantFrom<ConditionGuard['kind'][]>('if', 'else', 'exit', 'config', 'assembler');

/** Conditions of C, read from their text, against their truth tables: what is concluded from them holds in every world. */
export function conditionFuzzer(): Fuzzer {
  return fuzzerOf<Input>({
    name: 'conditions',
    inputs: fc.record({
      samples: fc.tuple(condition, condition),
      negated: fc.tuple(bit, bit),
      kinds: fc.tuple(kind, kind),
    }),
    judge: ({ samples, negated, kinds }) => {
      const [a, b] = [0, 1].map((i) =>
        guardOf(samples[i === 0 ? 0 : 1], negated[i === 0 ? 0 : 1], kinds[i === 0 ? 0 : 1]),
      );
      if (a && b) judgePair(a, b);
    },
    filesOf: ({ samples }) => new Map([['conditions.txt', samples.map(({ text }) => `${text}\n`).join('')]]),
  });
}

interface Held {
  readonly guard: ConditionGuard;
  readonly holds: (world: World) => boolean;
}

function guardOf(sample: Sample, negated: boolean, guardKind: ConditionGuard['kind']): Held {
  const guard = { kind: guardKind, condition: readCondition(sample.text), negated };
  return { guard, holds: (world) => sample.holds(world) !== negated };
}

function judgePair(a: Held, b: Held): void {
  for (const { guard, holds } of [a, b]) {
    const shown = readCondition(shownGuard(guard));
    isTrueAs(holds, guard);
    isTrueAs(holds, negate(negate(guard)));
    isTrueAs(holds, isSo(shown));
    isTrueAs(holds, isSo(negation(negation(shown))));
    isTrueAs((world) => !holds(world), isSo(negation(shown)));
  }
  const both = (world: World) => a.holds(world) && b.holds(world);
  const guards = [a.guard, b.guard];
  isTrueAs(both, isSo(readCondition(conjunctionText(guards))));
  isTrueAs(both, isSo(conjunction(guards.map((guard) => readCondition(shownGuard(guard))))));
  const never = (text: string, holds: (world: World) => boolean) => {
    assert(!WORLDS.some(holds), `${text}: ${guards.map(shownGuard).join(' and ')}`);
  };
  if (implies(a.guard, b.guard)) never('implies', (world) => a.holds(world) && !b.holds(world));
  if (excludes(a.guard, b.guard)) never('excludes', both);
  if (sameGuard(a.guard, b.guard)) never('same', (world) => a.holds(world) !== b.holds(world));
  if (contradicts([a.guard], readCondition(shownGuard(b.guard)))) never('contradicts', both);
}

function isSo(condition: Condition): ConditionGuard {
  return { kind: 'if', condition, negated: false };
}

/** Throws where a guard's truth in some world is not what is expected. */
function isTrueAs(expected: (world: World) => boolean, guard: ConditionGuard): void {
  const wrong = WORLDS.find((world) => guardTruth(guard, knownIn(world)) !== expected(world));
  const texts = ATOMS.filter((_, i) => ((wrong ?? 0) >> i) & 1);
  assert(wrong === undefined, `${guardText(guard)} where there holds: ${texts.join()}`);
}

/** What is known of an atom in a world; null for one that is none of {@link ATOMS}. */
function knownIn(world: World): (known: Atom) => boolean | null {
  return ({ text }) => {
    const bit = bitOf(text);
    return bit === undefined ? null : (world & (1 << bit)) !== 0;
  };
}

const BITS: ReadonlyMap<string, number> = new Map(ATOMS.map((text, bit) => [text, bit]));

function bitOf(text: string): number | undefined {
  return BITS.get(text) ?? BITS.get(withoutBrackets(text));
}

function withoutBrackets(text: string): string {
  const inner = /^(?:unlikely)?\(\s*(.*)\)$/.exec(text)?.[1];
  return inner === undefined ? text : withoutBrackets(inner);
}
