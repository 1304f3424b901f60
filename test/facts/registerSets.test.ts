import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { factsOf } from './fixture.js';

async function sets(text: string): Promise<string[]> {
  const facts = await factsOf(text);
  return facts.sets.map(
    (set) =>
      `${set.name} ${set.isComplement ? '~' : ''}[${set.members.join(', ')}] {${set.conditions.map(guardText).join(', ')}}`,
  );
}

describe('register sets', () => {
  it.each([
    ['of shifts', '#define SET (1 << VCPU_REGS_RSP)', 'SET [VCPU_REGS_RSP] {}'],
    [
      'over several lines',
      '#define SET ((1 << VCPU_REGS_RSP) | \\\n\t(1 << VCPU_EXREG_CR3))',
      'SET [VCPU_REGS_RSP, VCPU_EXREG_CR3] {}',
    ],
    [
      'of BIT()',
      '#define SET (BIT(VCPU_REGS_RSP) | BIT_ULL(VCPU_EXREG_CR3))',
      'SET [VCPU_REGS_RSP, VCPU_EXREG_CR3] {}',
    ],
    [
      'complemented',
      '#define SET (~((1 << VCPU_REGS_RSP) | BIT(VCPU_EXREG_CR3)))',
      'SET ~[VCPU_REGS_RSP, VCPU_EXREG_CR3] {}',
    ],
    ['of other numbers', '#define SET (1UL << (VCPU_REGS_RSP))', 'SET [VCPU_REGS_RSP] {}'],
    ['under #if', '#ifdef A\n#define SET BIT(VCPU_REGS_RSP)\n#endif', 'SET [VCPU_REGS_RSP] {A}'],
  ])('%s', async (_what, text, set) => {
    expect(await sets(`${text}\n`)).toEqual([set]);
  });

  it('may be made of others', async () => {
    const text = '#define ONE BIT(VCPU_REGS_RSP)\n#define BOTH (ONE | BIT(VCPU_EXREG_CR3))\n#define NOT_ONE ~ONE\n';
    expect(await sets(text)).toEqual([
      'ONE [VCPU_REGS_RSP] {}',
      'BOTH [VCPU_REGS_RSP, VCPU_EXREG_CR3] {}',
      'NOT_ONE ~[VCPU_REGS_RSP] {}',
    ]);
  });

  it('are no macros of other bits, of one register, or with parameters', async () => {
    expect(
      await sets(
        '#define A (1 << 4)\n#define B VCPU_REGS_RSP\n#define C(x) (BIT(VCPU_REGS_RSP) & (x))\n#define D f(VCPU_REGS_RSP)\n',
      ),
    ).toEqual([]);
  });
});
