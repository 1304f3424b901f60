import { describe, expect, it } from 'vitest';
import type { Owner } from '../../server/src/backends/owner.js';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('inline-asm'));
const VMX = 'arch/x86/kvm/vmx.c';

/** VMX's owner of a register, in the sample with a piece of vmx.c changed. */
async function ownerWith(register: string, before: string, after: string): Promise<Owner | undefined> {
  const files = sample.files.map((file) => {
    if (file.path !== VMX) return file;
    if (!file.text.includes(before)) throw new Error(`no ${before} in the sample`);
    return { ...file, text: file.text.replaceAll(before, after) };
  });
  const { registers } = readTree(await parser(), { ...sample, files });
  return registers.find((r) => r.register === register)?.owners.find((owner) => owner.backend === 'vmx');
}

function test(register: string): string {
  return `test_bit(VCPU_EXREG_${register}, (unsigned long *)&vcpu->arch.regs_avail)`;
}

function mark(register: string): string {
  return `__set_bit(VCPU_EXREG_${register}, (unsigned long *)&vcpu->arch.regs_avail)`;
}

describe('a register that is fetched when its avail bit is not set', () => {
  it.each([
    ['by a bit operation', test('RFLAGS'), test('RFLAGS')],
    ['by a shifted bit', test('RFLAGS'), '(vcpu->arch.regs_avail & (1 << VCPU_EXREG_RFLAGS))'],
    ['by BIT(), on the left', test('RFLAGS'), '(BIT(VCPU_EXREG_RFLAGS) & vcpu->arch.regs_avail)'],
    ['by an unsigned bit of an element', test('RFLAGS'), '(vcpu->arch.regs_avail[0] & (1UL << VCPU_EXREG_RFLAGS))'],
    ['by shifting the bitmap', test('RFLAGS'), '((vcpu->arch.regs_avail >> VCPU_EXREG_RFLAGS) & 1)'],
    ['by setting it at once', `!${test('RFLAGS')}`, `!__test_and_set_bit(VCPU_EXREG_RFLAGS, &vcpu->arch.regs_avail)`],
  ])('%s', async (_what, before, after) => {
    const owner = await ownerWith('RFLAGS', before, after);
    expect(owner?.sync).toBe('lazy');
    expect(owner?.load.map(({ function: name, phase }) => `${name} ${phase}`)).toEqual(['vmx_get_rflags on-demand']);
  });

  it.each([
    ['by a bit operation', mark('SEGMENTS'), mark('SEGMENTS')],
    ['by a joined mask', mark('SEGMENTS'), 'vcpu->arch.regs_avail |= 1 << VCPU_EXREG_SEGMENTS'],
  ])('in parts whose flags are cleared where it is marked %s', async (_what, before, after) => {
    const owner = await ownerWith('SEGMENTS', before, after);
    expect(owner?.sync).toBe('lazy');
    expect(owner?.load.map(({ function: name, phase }) => `${name} ${phase}`)).toEqual([
      'vmx_get_segment_base on-demand',
    ]);
  });
});

describe('a register whose avail bit is tested by way of a local variable', () => {
  const tested = `if (!${test('SEGMENTS')}) {\n\t\t${mark('SEGMENTS')};`;
  const BIT = '1 << VCPU_EXREG_SEGMENTS';

  it.each([
    ['a copy', `u32 avail = vcpu->arch.regs_avail; if (!(avail & (${BIT}))) { vcpu->arch.regs_avail = avail | ${BIT};`],
    ['a mask', `const u32 bit = ${BIT}; if (!(vcpu->arch.regs_avail & bit)) { vcpu->arch.regs_avail |= bit;`],
    [
      'a pointer',
      'void *avail = &vcpu->arch.regs_avail; if (!test_bit(VCPU_EXREG_SEGMENTS, avail)) { __set_bit(VCPU_EXREG_SEGMENTS, avail);',
    ],
    ['what was found', `bool has = ${test('SEGMENTS')}; if (!has) { vcpu->arch.regs_avail |= ${BIT};`],
  ])('is lazy: %s', async (_what, put) => {
    const owner = await ownerWith('SEGMENTS', tested, put);
    expect(owner?.sync).toBe('lazy');
    expect(owner?.load.map(({ phase }) => phase)).toEqual(['on-demand']);
  });

  it('is not known where the variable has several values', async () => {
    const put = `u32 bit = 1; bit |= ${BIT}; if (!(vcpu->arch.regs_avail & bit)) { vcpu->arch.regs_avail |= bit;`;
    const owner = await ownerWith('SEGMENTS', tested, put);
    expect(owner?.sync).toBe('unknown');
    expect(owner?.unknown.load.map(({ what, why }) => `${what} ${why}`)).toEqual([
      'SEGMENTS may be tested by way of a local variable, which is not followed',
    ]);
  });
});

it('a test of another register, or of the dirty bit, makes none lazy', async () => {
  const other = await ownerWith('RFLAGS', test('RFLAGS'), '(vcpu->arch.regs_avail & (1 << VCPU_EXREG_SEGMENTS))');
  expect(other?.sync).not.toBe('lazy');
  const dirty = await ownerWith('RFLAGS', test('RFLAGS'), '(vcpu->arch.regs_dirty & (1 << VCPU_EXREG_RFLAGS))');
  expect(dirty?.sync).not.toBe('lazy');
});
