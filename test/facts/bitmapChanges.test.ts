import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { factsOf, referencesAt } from './fixture.js';

describe('assignments to the bitmaps', () => {
  it('are told with operator, mask and guards', async () => {
    const { functions } = await factsOf(`
static void clear(struct kvm_vcpu *vcpu, unsigned long mask)
{
	vcpu->arch.regs_avail = ~((1 << VCPU_REGS_RSP) |
				  (1 << VCPU_EXREG_CR3));
	if (mask)
		vcpu->arch.regs_avail &= ~mask;
	vcpu->arch.regs_dirty = 0;
	vcpu->arch.regs_dirty[0] |= mask;
}
`);
    expect(
      functions[0]?.facts.bitmapChanges.map(({ bitmap, operator, mask, guards }) => [
        bitmap,
        operator,
        mask,
        guards.map(guardText),
      ]),
    ).toEqual([
      ['available', '=', '~((1 << VCPU_REGS_RSP) | (1 << VCPU_EXREG_CR3))', []],
      ['available', '&=', '~mask', ['mask']],
      ['dirty', '=', '0', []],
      ['dirty', '|=', 'mask', []],
    ]);
  });

  it("are none of the emulator's, nor of a local variable", async () => {
    const { functions } = await factsOf(`
static void clear(struct x86_emulate_ctxt *ctxt, u32 regs_avail)
{
	ctxt->regs_dirty = 0;
	regs_avail = 0;
}
`);
    expect(functions[0]?.facts.bitmapChanges).toEqual([]);
  });
});

describe("a reference to a register's own storage", () => {
  const storageAt = async (body: string) => (await referencesAt(body)).map(([reference]) => reference?.storage);

  it('says so of slots, fields and numbers, not of calls', async () => {
    expect(
      await storageAt(
        'a = vcpu->arch.regs[$0VCPU_REGS_RAX]; vcpu->arch.$0cr3 = a; vcpu->arch.regs[$0b] = a; a = regs[$0VCPU_REGS_RAX];',
      ),
    ).toEqual(['cache', 'cache', 'cache', null]);
    expect(await storageAt('a = $0kvm_rax_read(vcpu);')).toEqual([undefined]);
  });

  it('has the mask of a value', async () => {
    const found = await referencesAt('a = vcpu->arch.$0cr3 & (X | Y); b = vcpu->arch.$0cr3; a = X & vcpu->arch.$0cr3;');
    expect(found.map(([reference]) => reference?.mask)).toEqual(['(X | Y)', undefined, undefined]);
  });

  it('is no read where only its size is asked for', async () => {
    const found = await referencesAt(
      'a = sizeof(vcpu->arch.$0pdptrs) + ARRAY_SIZE(vcpu->arch.$0pdptrs) + f(vcpu->arch.$0pdptrs);',
    );
    expect(found.map(([reference]) => reference?.kind)).toEqual(['other', 'other', 'read']);
  });
});
