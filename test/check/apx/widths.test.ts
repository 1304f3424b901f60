import { describe, expect, it } from 'vitest';
import { refsJson } from '../../../server/src/cli/refs.js';
import { explainAt, explainLine } from '../../../server/src/explain/explainAt.js';
import { explanationText } from '../../../server/src/explain/explanationText.js';
import { widthText } from '../../../server/src/explain/numberWords.js';
import { modelOf } from '../../engine.js';
import { CODE } from '../../facts/fixture.js';
import { registers } from './fixture.js';

/** What is said of the last line that has `USE` of a function with some code before it. */
async function answer(use: string, before = ''): Promise<string> {
  const code = `${before}static int code(struct kvm_vcpu *vcpu, u64 info)
{
${use}
}
`;
  const model = await modelOf({ ...registers(), [CODE]: code });
  const line = code.split('\n').findLastIndex((text) => text.includes('kvm_register_read(')) + 1;
  const found = explainLine(model, CODE, line);
  return found ? (explanationText(found.explanation).split('\n')[0] ?? '') : '';
}

/** What `refs` and a hover on the decoder's own name say of the same. */
async function otherAnswers(use: string, before: string): Promise<{ readonly refs: string; readonly name: string }> {
  const code = `${before}static int code(struct kvm_vcpu *vcpu, u64 info)\n{\n${use}\n}\n`;
  const model = await modelOf({ ...registers(), [CODE]: code });
  const found = explainAt(model, CODE, code.indexOf('reg(u64 info)'));
  const widths = refsJson(model).flatMap((ref) => (ref.file === CODE ? (ref.widths ?? []) : []));
  return { refs: widthText(widths), name: found ? (explanationText(found.explanation).split('\n')[0] ?? '') : '' };
}

const widthIn = (text: string) => / \((.*)\)$/.exec(text)?.[1] ?? '';

describe('a number of two widths is told with the condition of the wider one', () => {
  const READ = '\treturn kvm_register_read(vcpu, reg(info));';

  it.each([
    ['two returns', 'if (wide())\n\t\treturn (info >> 24) & 0x1f;\n\treturn (info >> 3) & 0xf;'],
    ['if and else', 'if (wide()) {\n\t\treturn info & 31;\n\t} else {\n\t\treturn info & 15;\n\t}'],
    ['the other way round', 'if (!wide())\n\t\treturn info & 15;\n\treturn info & 31;'],
    ['?:', 'return wide() ? (info >> 40) & 0x1f : (info >> 28) & 0xf;'],
    ['a variable', 'int nr = (info >> 28) & 0xf;\n\n\tif (wide())\n\t\tnr = (info >> 40) & 0x1f;\n\treturn nr;'],
    ['a mask in a variable', 'u32 mask = wide() ? 0x1f : 0xf;\n\n\treturn (info >> 3) & mask;'],
    [
      'a mask and a shift in variables',
      'u32 mask = wide() ? 0x1f : 0xf;\n\tint by = wide() ? 40 : 28;\n\n\treturn (info >> by) & mask;',
    ],
    ['a mask that is set later', 'u32 mask = 0xf;\n\n\tif (wide())\n\t\tmask = 0x1f;\n\treturn (info >> 3) & mask;'],
    ['a mask that grows', 'u32 mask = 0xf;\n\n\tif (wide())\n\t\tmask |= BIT(4);\n\treturn (info >> 3) & mask;'],
    ['GENMASK', 'if (wide())\n\t\treturn FIELD_GET(GENMASK(28, 24), info);\n\treturn FIELD_GET(GENMASK(6, 3), info);'],
    ['a bit that is added', 'int nr = info & 0xf;\n\n\tif (wide())\n\t\tnr |= ((info >> 40) & 1) << 4;\n\treturn nr;'],
    ['BIT', 'int nr = info & 0xf;\n\n\tif (wide())\n\t\tnr |= BIT(4);\n\treturn nr;'],
  ])('by %s', async (_, body) => {
    const helper = `static inline int reg(u64 info)\n{\n\t${body}\n}\n`;
    expect(widthIn(await answer(READ, helper))).toBe('4 bits, 5 if wide()');
    expect(await otherAnswers(READ, helper)).toEqual({
      refs: '4 bits, 5 if wide()',
      name: 'reg: returns the number of a GPR, 4 bits, 5 if wide()',
    });
  });

  it('by a local variable, which is told by what it holds', async () => {
    const helper =
      'static inline int reg(u64 info)\n{\n\tbool swap = wide();\n\n\tif (swap)\n\t\treturn info & 31;\n\treturn info & 15;\n}\n';
    expect(widthIn(await answer(READ, helper))).toBe('4 bits, 5 if wide()');
  });

  it.each([
    ['at once', '\treturn kvm_register_read(vcpu, wide() ? info & 0x1f : info & 0xf);', ''],
    [
      'through a variable',
      '\tint nr = wide() ? info & 0x1f : info & 0xf;\n\n\treturn kvm_register_read(vcpu, nr);',
      '',
    ],
    [
      'through two helpers',
      READ,
      'static int inner(u64 info)\n{\n\tif (wide())\n\t\treturn info & 31;\n\treturn info & 15;\n}\nstatic int reg(u64 info)\n{\n\treturn inner(info >> 3);\n}\n',
    ],
  ])('%s', async (_, use, before) => {
    expect(widthIn(await answer(use, before))).toBe('4 bits, 5 if wide()');
  });

  it('in a switch', async () => {
    const helper =
      'static int reg(u64 info)\n{\n\tswitch (kind) {\n\tcase WIDE:\n\t\treturn info & 31;\n\tdefault:\n\t\treturn info & 15;\n\t}\n}\n';
    expect(widthIn(await answer(READ, helper))).toBe('4 bits, 5 if kind == WIDE');
  });
});

describe('a number of one width is told without a condition', () => {
  it.each([
    [
      'of a bit-field',
      '\treturn kvm_register_read(vcpu, insn.reg);',
      'union layout {\n\tstruct {\n\t\tu32 scale : 3;\n\t\tu32 reg : 4;\n\t};\n\tu32 word;\n};\n',
      '4 bits: RAX-R15; R16-R31 need a fifth',
    ],
    [
      'of a bit-field of five',
      '\treturn kvm_register_read(vcpu, insn.reg);',
      'union layout {\n\tstruct {\n\t\tu32 reg : 5;\n\t};\n\tu32 word;\n};\n',
      '5 bits: RAX-R31',
    ],
    [
      'of two returns',
      '\treturn kvm_register_read(vcpu, reg(info));',
      'static int reg(u64 info)\n{\n\tif (x)\n\t\treturn info & 15;\n\treturn (info >> 3) & 15;\n}\n',
      '4 bits: RAX-R15; R16-R31 need a fifth',
    ],
  ])('%s', async (_, use, before, expected) => {
    const declared = use.includes('insn') ? `\tunion layout insn = { .word = info };\n\n${use}` : use;
    expect(widthIn(await answer(declared, before))).toBe(expected);
  });

  it('and not at all where it is not known', async () => {
    const macro = '#define reg(info) (wide() ? (info) & 0x1f : (info) & 0xf)\n';
    expect(await answer('\treturn kvm_register_read(vcpu, reg(info));', macro)).toMatch(/number from reg\(info\)$/);
    expect(await answer('\treturn kvm_register_read(vcpu, other(info));')).toMatch(/number from other\(info\)$/);
  });
});
