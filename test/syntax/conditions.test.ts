import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conditionKey,
  conditionTruth,
  negation,
  readCondition,
  wordsIn,
  type Condition,
} from '../../server/src/syntax/conditions/condition.js';
import {
  conjunctionText,
  distinctGuards,
  excludes,
  guardText,
  implies,
  literalsOf,
  negate,
  sameGuard,
  shownGuard,
  type CaseGuard,
  type ConditionGuard,
  type GuardKind,
} from '../../server/src/syntax/conditions/guard.js';

/** A condition in brief: `(a and (not b))`. */
function shape(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.parts.map(shape).join(` ${condition.kind} `)})`;
    case 'not':
      return `(not ${shape(condition.part)})`;
    case 'call':
      return `${condition.callee}<${condition.arguments.join('; ')}>`;
    case 'bits':
      return `${condition.value} has ${condition.mask}`;
    case 'comparison':
      return `${condition.left} ${condition.operator} ${condition.right}`;
    case 'number':
      return `#${condition.value}`;
    case 'value':
      return condition.text;
    case 'other':
      return `?${condition.text}?`;
  }
}

describe('a condition is read as a tree', () => {
  it.each([
    ['a', 'a'],
    ['vcpu->arch.guest_state_protected', 'vcpu->arch.guest_state_protected'],
    ['!a', '(not a)'],
    ['!(!a)', '(not (not a))'],
    ['a && b || !c', '((a and b) or (not c))'],
    ['(a) && ((b))', '(a and b)'],
    ['!(a || b)', '(not (a or b))'],
    ['is_sev_es_guest(vcpu)', 'is_sev_es_guest<vcpu>'],
    ['test_bit(REG, (unsigned long *)&x->regs_avail)', 'test_bit<REG; (unsigned long *)&x->regs_avail>'],
    ['unlikely(a && f(b, c))', '(a and f<b; c>)'],
    ['x->regs_avail & (1 << REG)', 'x->regs_avail has 1 << REG'],
    ['(host_pat & GENMASK(2, 0)) != 6', 'host_pat & GENMASK(2, 0) != 6'],
    ['reg == VCPU_EXREG_CR3', 'reg == VCPU_EXREG_CR3'],
    ['defined(CONFIG_X) && IS_ENABLED(CONFIG_Y)', '(defined<CONFIG_X> and IS_ENABLED<CONFIG_Y>)'],
    ['defined CONFIG_X', 'defined<CONFIG_X>'],
    ['0', '#0'],
    ['1UL', '#1'],
    ['a ? b : c', '?a ? b : c?'],
    ['(r = f())', '?(r = f())?'],
    ['a + b', '?a + b?'],
    ['a[i]', '?a[i]?'],
    ['', '??'],
    ['(a', '?(a?'],
    ['f(a))', '?f(a))?'],
  ])('%s', (text, expected) => {
    expect(shape(readCondition(text))).toBe(expected);
    expect(readCondition(text).text).toBe(text);
  });

  it('of any text, without end or throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('(', ')', '!', '&&', '||', '&', '==', 'a', 'f(', ',', '?', ':', '[', ']', '1')),
        (parts) => {
          readCondition(parts.join(' '));
        },
      ),
    );
    expect(readCondition('!'.repeat(100_000)).text).toHaveLength(100_000);
    expect(readCondition('('.repeat(20_000)).kind).toBe('other');
  });
});

/** A random condition over a, b, c: its text, and what it is worth. */
interface Sample {
  readonly text: string;
  readonly value: (known: Readonly<Record<string, boolean>>) => boolean;
}

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', 'c').map((name): Sample => ({ text: name, value: (known) => known[name] ?? false })),
    tie('sample').map((inner): Sample => ({ text: `!(${inner.text})`, value: (known) => !inner.value(known) })),
    fc.tuple(tie('sample'), tie('sample')).map(([left, right]): Sample => ({
      text: `(${left.text}) && (${right.text})`,
      value: (known) => left.value(known) && right.value(known),
    })),
    fc.tuple(tie('sample'), tie('sample')).map(([left, right]): Sample => ({
      text: `(${left.text}) || (${right.text})`,
      value: (known) => left.value(known) || right.value(known),
    })),
  ),
}));

const assignment = fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() });

describe('a condition', () => {
  const truth = (condition: Condition, known: Readonly<Record<string, boolean>>) =>
    conditionTruth(condition, ({ text }) => known[text] ?? null);

  it('is worth what C says', () => {
    fc.assert(
      fc.property(sample, assignment, ({ text, value }, known) => {
        expect(truth(readCondition(text), known)).toBe(value(known));
        expect(truth(negation(readCondition(text)), known)).toBe(!value(known));
      }),
    );
  });

  it('has a key that brackets and double negations do not change', () => {
    fc.assert(
      fc.property(sample, ({ text }) => {
        const key = conditionKey(readCondition(text));
        expect(conditionKey(readCondition(`((${text}))`))).toBe(key);
        expect(conditionKey(readCondition(`!(!(${text}))`))).toBe(key);
        expect(conditionKey(negation(negation(readCondition(text))))).toBe(key);
        expect(conditionKey(readCondition(`!(${text})`))).not.toBe(key);
      }),
    );
  });

  it('is not known where that depends on what is not known', () => {
    expect(truth(readCondition('a && b'), { a: true })).toBeNull();
    expect(truth(readCondition('a && b'), { a: false })).toBe(false);
    expect(truth(readCondition('a || b'), { a: true })).toBe(true);
  });

  it('has words', () => {
    expect(wordsIn(readCondition('!f(vcpu, 3) || x & MASK'))).toEqual(['f', 'vcpu', 'x', 'MASK']);
  });
});

function guard(text: string, negated = false, kind: GuardKind = negated ? 'exit' : 'if'): ConditionGuard {
  return { kind, condition: readCondition(text), negated };
}

function caseOf(...labels: (string | null)[]): CaseGuard {
  return { kind: 'case', labels, subject: 'reg' };
}

describe('a guard', () => {
  it.each([
    [guard('a'), 'a', 'a'],
    [guard('a', true), '!(a)', '!(a)'],
    [guard('!a', true), '!(!a)', 'a'],
    [guard('!(a && b)', true), '!(!(a && b))', 'a && b'],
    [guard('a', false, 'loop'), 'while (a)', 'while (a)'],
    [guard('CONFIG_X', true, 'config'), '!CONFIG_X', '!CONFIG_X'],
    [guard('!CONFIG_X', true, 'config'), 'CONFIG_X', 'CONFIG_X'],
    [guard('defined(A) && B', true, 'config'), '!(defined(A) && B)', '!(defined(A) && B)'],
    [caseOf('A', 'B'), 'case A | case B', 'case A | case B'],
    [caseOf(null), 'default', 'default'],
  ])('is written and shown', (given, written, shown) => {
    expect([guardText(given), shownGuard(given)]).toEqual([written, shown]);
  });

  it.each([
    ['a || b', '!(x) && (a || b)'],
    ['a ? b : c', '!(x) && (a ? b : c)'],
    ['f(a, b)', '!(x) && f(a, b)'],
    ['!a', '!(x) && !a'],
  ])('stands between others in parentheses where they would part it: %s', (text, joined) => {
    expect(conjunctionText([guard('x', true), guard(text)])).toBe(joined);
    expect(conjunctionText([guard('x', true), guard(`!(${text})`, true)])).toBe(joined);
  });

  it('says the same as another, however it came about', () => {
    expect(sameGuard(guard('a'), guard('!a', true))).toBe(true);
    expect(sameGuard(guard('(a)'), guard('a', false, 'short-circuit'))).toBe(true);
    expect(sameGuard(guard('a'), guard('a', true))).toBe(false);
    expect(sameGuard(caseOf('A'), { ...caseOf('A'), subject: 'msr' })).toBe(false);
    expect(distinctGuards([guard('a'), guard('!a', true), guard('b')]).map(guardText)).toEqual(['a', 'b']);
  });

  it('implies what it is made of', () => {
    expect(implies(guard('a && !b'), guard('b', true))).toBe(true);
    expect(implies(guard('a || b', true), guard('!a'))).toBe(true);
    expect(implies(guard('a || b'), guard('a'))).toBe(false);
  });

  it('excludes its opposite and other labels of the same switch', () => {
    expect(excludes(guard('a'), guard('a', true))).toBe(true);
    expect(excludes(guard('a && b'), guard('!b'))).toBe(true);
    expect(excludes(guard('a'), guard('b', true))).toBe(false);
    expect(excludes(caseOf('A'), caseOf('B'))).toBe(true);
    expect(excludes(caseOf('A', 'B'), caseOf('B'))).toBe(false);
    expect(excludes(caseOf('A'), { ...caseOf('B'), subject: 'msr' })).toBe(false);
    fc.assert(fc.property(sample, ({ text }) => excludes(guard(text), negate(guard(text)))));
  });

  it('tests atoms, each with its side', () => {
    const literals = literalsOf([guard('!(a || !f(b))', true), caseOf('A')]);
    expect(literals.map(({ atom, holds }) => `${holds ? '' : '!'}${atom.text}`)).toEqual(['a', '!f(b)']);
  });
});
