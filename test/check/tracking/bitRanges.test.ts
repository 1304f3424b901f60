import { describe, expect, it } from 'vitest';
import { checkedEdits, type Edit } from './checked.js';

const CLEAR = /kvm_clear_available_registers\(vcpu, VMX_REGS_LAZY_LOAD_SET\);/;
const ENTER = /^static noinstr void vmx_vcpu_enter_exit\(/;
const RESET = /vcpu->arch\.regs_dirty\[0\] = 0;/;
const MARK = /__set_bit\(reg, vcpu->arch\.regs_dirty\);/;
const LAZY_SET = /\(BIT\(VCPU_REGS_RSP\) \|[^)]*\)[^]*?BIT\(VCPU_REG_EXIT_INFO_2\)\)/;

const rules = async (...edits: Edit[]) => (await checkedEdits(edits)).map(({ rule, text }) => `${rule} ${text}`);

describe('avail bits that are cleared after VM-exit', () => {
  it.each([
    [
      'by a range in a mask',
      'kvm_clear_available_registers(vcpu, BIT(VCPU_REGS_RSP) | GENMASK(VCPU_REG_EXIT_INFO_2, VCPU_REG_RIP));',
    ],
    [
      'by a range and one',
      '__clear_bit(VCPU_REGS_RSP, vcpu->arch.regs_avail); bitmap_clear(vcpu->arch.regs_avail, VCPU_REG_RIP, NR_VCPU_TOTAL_REGS - VCPU_REG_RIP);',
    ],
    [
      'with all others',
      'bitmap_zero(vcpu->arch.regs_avail, NR_VCPU_TOTAL_REGS); bitmap_set(vcpu->arch.regs_avail, 0, 4);',
    ],
    ['by a range that is not known', 'bitmap_clear(vcpu->arch.regs_avail, first, count);'],
    ['by a mask that is not known', 'kvm_clear_available_registers(vcpu, GENMASK(LAST, VCPU_REG_RIP));'],
    [
      'by what other bitmaps have',
      'bitmap_andnot(vcpu->arch.regs_avail, vcpu->arch.regs_avail, lazy, NR_VCPU_TOTAL_REGS);',
    ],
  ])('are no mistake: %s', async (_what, put) => {
    expect(await rules([ENTER, CLEAR, put])).toEqual([]);
  });

  it('are one of a register that nothing loads', async () => {
    const range = 'GENMASK(VCPU_REG_EXIT_INFO_2, VCPU_REGS_R15)';
    const mask = `kvm_clear_available_registers(vcpu, BIT(VCPU_REGS_RSP) | ${range});`;
    expect(await rules([ENTER, CLEAR, mask])).toEqual(['never-loaded k']);
    expect(await rules([null, LAZY_SET, `(BIT(VCPU_REGS_RSP) | ${range})`])).toEqual([
      'never-loaded VMX_REGS_LAZY_LOAD_SET',
    ]);
  });
});

describe('dirty bits', () => {
  it.each([
    'bitmap_zero(vcpu->arch.regs_dirty, NR_VCPU_TOTAL_REGS);',
    'bitmap_clear(vcpu->arch.regs_dirty, 0, NR_VCPU_TOTAL_REGS);',
    'bitmap_clear(vcpu->arch.regs_dirty, 0, count());',
    'bitmap_copy(vcpu->arch.regs_dirty, none, NR_VCPU_TOTAL_REGS);',
  ])('are reset, or may be, by %s', async (put) => {
    expect(await rules([null, RESET, put])).toEqual([]);
  });

  it.each([
    'assign_bit(reg, vcpu->arch.regs_dirty, true);',
    'bitmap_set(vcpu->arch.regs_dirty, reg, 1);',
    'vcpu->arch.regs_dirty[0] |= MASK_OF(reg);',
    'vcpu->arch.regs_dirty[0] |= MARKED;',
  ])('may be set by %s', async (put) => {
    expect(await rules([null, MARK, put])).toEqual([]);
  });
});
