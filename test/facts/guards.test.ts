import { describe, expect, it } from 'vitest';
import { guardText, isTest } from '../../server/src/syntax/conditions/guard.js';
import { guardsAt, referencesAt } from './fixture.js';

/** `$0` stands before the reference that the guards are of. */
const READ = '$0kvm_rax_read(vcpu)';

describe('enclosing conditions', () => {
  it.each([
    ['none', `${READ};`, []],
    ['if', `if (a) ${READ};`, ['a']],
    ['else', `if (a) b = 1; else ${READ};`, ['!(a)']],
    ['else of a negated condition', `if (!a) b = 1; else ${READ};`, ['!(!a)']],
    ['nested ifs, outermost first', `if (a) { if (b > 1) { ${READ}; } }`, ['a', 'b > 1']],
    ['an else-if chain', `if (a) b = 1; else if (b) a = 1; else ${READ};`, ['!(a)', '!(b)']],
    ['an else-if', `if (a) b = 1; else if (b) ${READ};`, ['!(a)', 'b']],
    ['?: true', `return a ? ${READ} : 0;`, ['a']],
    ['?: false', `return a == 1 ? 0 : ${READ};`, ['!(a == 1)']],
    ['right of &&', `return a && ${READ};`, ['a']],
    ['right of ||', `return a || ${READ};`, ['!(a)']],
    ['right of a chain', `return a && b && ${READ};`, ['a && b']],
    ['left of && is not under it', `return ${READ} && a;`, []],
    ['while', `while (a) ${READ};`, ['while (a)']],
    ['what stands in a condition is not under it', `if (${READ}) b = 1;`, []],
    ['nor in that of a loop', `while (${READ}) b = 1;`, []],
    ['nor in that of ?:', `return ${READ} ? a : b;`, []],
    ['nor in that of a switch', `switch (${READ}) { case 1: break; }`, []],
    ['but under && in it', `if (a && ${READ}) b = 1;`, ['a']],
    ['for has no condition of its own', `for (a = 0; a < 4; a++) ${READ};`, []],
    ['do-while runs once at least', `do { ${READ}; } while (a);`, []],
    ['a loop macro iterates', `kvm_for_each_vcpu(i, vcpu, kvm) {\n${READ};\n}`, []],
    ['white space collapses', `if (a  &&\n\t\tb /* why */) ${READ};`, ['a && b']],
    ['parentheses of its own stay', `if ((a) && (b)) ${READ};`, ['(a) && (b)']],
    ['doubled ones stay', `if ((a && b)) ${READ};`, ['(a && b)']],
    ['a macro around the condition stays', `if (unlikely(a)) ${READ};`, ['unlikely(a)']],
  ])('%s', async (_what, body, guards) => {
    expect(await guardsAt(body)).toEqual([guards]);
  });
});

describe('case', () => {
  it.each([
    ['one label', `switch (a) { case 1: ${READ}; }`, ['case 1']],
    ['default', `switch (a) { case 1: break; default: ${READ}; }`, ['default']],
    ['stacked labels', `switch (a) {\ncase A:\ncase B: ${READ}; break;\n}`, ['case A | case B']],
    ['stacked with default', `switch (a) {\ncase A:\ndefault: ${READ}; break;\n}`, ['case A | default']],
    ['not those of another group', `switch (a) { case A: b = 1; break; case B: ${READ}; }`, ['case B']],
    ['a range', `switch (a) { case A ... B: ${READ}; }`, ['case A ... B']],
    ['an expression', `switch (a) { case A + 1: ${READ}; }`, ['case A + 1']],
    ['inside an if', `if (b) switch (a) { case A: ${READ}; }`, ['b', 'case A']],
    ['with a block', `switch (a) { case A: { ${READ}; break; } }`, ['case A']],
  ])('%s', async (_what, body, guards) => {
    expect(await guardsAt(body)).toEqual([guards]);
  });

  it('holds for each statement of its group', async () => {
    expect(await guardsAt(`switch (a) { case A: ${READ}; ${READ}; break; case B: ${READ}; }`)).toEqual([
      ['case A'],
      ['case A'],
      ['case B'],
    ]);
  });
});

describe('#if', () => {
  it('both branches carry their condition', async () => {
    const body = `#ifdef CONFIG_X86_64\n${READ};\n#else\n${READ};\n#endif\n${READ};`;
    expect(await guardsAt(body)).toEqual([['CONFIG_X86_64'], ['!CONFIG_X86_64'], []]);
  });

  it('stands among the others in the order of the text', async () => {
    const body = `if (a) {\n#if defined(X) && Y\nif (b) ${READ};\n#endif\n}`;
    expect(await guardsAt(body)).toEqual([['a', 'defined(X) && Y', 'b']]);
  });

  it('may choose between the heads of one block', async () => {
    const body = `#ifdef X\nif (a) {\n#else\nif (b) {\n#endif\n${READ};\n}\n${READ};`;
    const [inside, behind] = await guardsAt(body);
    expect(inside).toContain('a');
    expect(behind).toEqual([]);
  });

  it('is read in the else of one inside another', async () => {
    const body = `#ifdef A\n#ifdef B\nif (a) ${READ};\n#else\nif (b) ${READ};\n#endif\n#else\n;\n#endif`;
    expect(await guardsAt(body)).toEqual([
      ['A', 'B', 'a'],
      ['A', '!B', 'b'],
    ]);
  });

  it('is no part of a condition that it stands in', async () => {
    expect(await guardsAt(`if (a\n#ifdef X\n&& b\n#endif\n) ${READ};`)).toEqual([['a && b']]);
  });

  it('may leave out an else', async () => {
    const body = `if (a)\nb = 1;\n#ifdef X\nelse\n${READ};\n#endif`;
    expect(await guardsAt(body)).toEqual([['!(a)', 'X']]);
  });
});

describe('what is asserted', () => {
  it('is known, but no test of the code', async () => {
    const [[reference] = []] = await referencesAt(`if (b) return 1; BUG_ON(a); ${READ};`);
    expect(reference?.guards.map(guardText)).toEqual(['!(b)', '!(a)']);
    expect(reference?.guards.filter(isTest).map(guardText)).toEqual(['!(b)']);
  });
});

describe('early exits', () => {
  it.each([
    ['return', `if (a) return 1; ${READ};`, ['!(a)']],
    ['return in a block', `if (a) { b = 1; return 1; } ${READ};`, ['!(a)']],
    ['goto', `if (a) goto out; ${READ}; out: return 0;`, ['!(a)']],
    ['break', `while (b) { if (a) break; ${READ}; }`, ['while (b)', '!(a)']],
    ['continue', `for (;;) { if (a) continue; ${READ}; }`, ['!(a)']],
    ['several', `if (a) return 1; if (b) return 2; ${READ};`, ['!(a)', '!(b)']],
    ['of an enclosing block', `if (a) return 1; if (b) { ${READ}; }`, ['!(a)', 'b']],
    ['not those of a block beside', `if (b) { if (a) return 1; } ${READ};`, []],
    ['not a break out of a switch that ended', `switch (b) { case 1: if (a) break; b = 2; } ${READ};`, []],
    ['not those after', `${READ}; if (a) return 1;`, []],
    ['not an if that goes on', `if (a) b = 1; ${READ};`, []],
    ['an else-if chain that leaves', `if (a) return 1; else if (b) return 2; ${READ};`, ['!(a)', '!(b)']],
    ['its first part alone leaves', `if (a) return 1; else b = 2; ${READ};`, ['!(a)']],
    ['its else leaves', `if (a) b = 1; else return 2; ${READ};`, []],
    ['a case label between', `switch (b) { case 1: if (a) return 1; case 2: ${READ}; }`, ['case 2']],
    ['in the same case', `switch (b) { case 1: if (a) return 1; ${READ}; }`, ['case 1', '!(a)']],
    ['before a switch', `if (a) return 1; switch (b) { case 1: ${READ}; }`, ['!(a)', 'case 1']],
    ['in the condition itself', `if (${READ}) return 1;`, []],
    ['the next condition', `if (a) return 1; if (${READ}) return 2;`, ['!(a)']],
    ['the label of a goto from before', `if (b) goto on; if (a) return 1; on: ${READ};`, []],
    ['the label of a goto from after', `if (a) return 1; again: ${READ}; if (b) goto again;`, ['!(a)']],
    ['the label of a goto out of the if', `if (a) { b = 1; goto on; } b = 2; on: ${READ};`, []],
    ['a BUG_ON', `BUG_ON(a); ${READ};`, ['!(a)']],
    ['a BUG_ON in the same case', `switch (b) { case 1: BUG_ON(!a); ${READ}; }`, ['case 1', '!(!a)']],
    ['not a BUG_ON of a block beside', `if (b) { BUG_ON(a); } ${READ};`, []],
    ['not a BUG_ON that a goto passes', `if (b) goto on; BUG_ON(a); on: ${READ};`, []],
    ['not a WARN_ON', `WARN_ON(a); ${READ};`, []],
    ['a labelled if that leaves', `again: if (a) return 1; ${READ}; if (b) goto again;`, ['!(a)']],
  ])('%s', async (_what, body, guards) => {
    const found = await guardsAt(body);
    expect(found).toEqual([guards]);
  });
});
