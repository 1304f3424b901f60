import { describe, expect, it } from 'vitest';
import { explainAt, explainLine } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { treeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const ASSEMBLY = 'arch/x86/kvm/vmx/vmenter.S';
const FLAGGED = 'CONFIG_KVM_APX && KVM_ENTER_EGPR_SWITCH && vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX';

/** The first statement on the line of the sample's world switch that has a text, the loads of R16-R31 in it written otherwise. */
async function saidOf(lineWith: string, macro: string, loads: string): Promise<string> {
  const tree = treeAt(samplePath('apx-world-switch'));
  const files = tree.files.map(({ path, text }) => {
    if (path.endsWith('vmenter.h')) return { path, text: text.replace('.macro LOAD_REGS', `${macro}.macro LOAD_REGS`) };
    const written = text.replace(
      /\tjz \.Lno_egprs_in\n[^]*?\.Lno_egprs_in:/,
      `\tjz .Lno_egprs_in\n${loads}.Lno_egprs_in:`,
    );
    return { path, text: path === ASSEMBLY ? written : text };
  });
  const text = files.find(({ path }) => path === ASSEMBLY)?.text ?? '';
  const line = text.split('\n').findIndex((one) => one.includes(lineWith)) + 1;
  const found = explainLine(treeReading(await parser())({ ...tree, files }), ASSEMBLY, line);
  const said = found ? explanationText(found.explanation) : '';
  return said.split('\n\n')[0]?.replaceAll('\n', ' ').replace(/ \[.*/, '') ?? '';
}

const each = (text: (n: number) => string) => Array.from({ length: 16 }, (_, i) => text(16 + i)).join('');
const NUMBERS = Array.from({ length: 16 }, (_, i) => String(16 + i)).join(', ');
const ALL = `Loads guest R16-R31 from vcpu->arch.regs[], before VM-entry (VMLAUNCH or VMRESUME), if ${FLAGGED}`;

describe('a use of a macro that moves R16-R31 is explained as one, with its conditions', () => {
  const body = String.raw`	mov (VMX_vcpu_arch_regs + \i * WORD_SIZE)(\src), %r\i
.endr
.endm
`;

  it.each([
    [
      'with the registers as arguments',
      '',
      `\tLOAD_REGS %rdi, VMX_vcpu_arch_regs${each((n) => `, %r${String(n)}`)}\n`,
      'LOAD_REGS %rdi, VMX_vcpu_arch_regs, %r16',
    ],
    ['with numbers in it', `.macro LOAD_EGPRS src\n.irp i, ${NUMBERS}\n${body}`, '\tLOAD_EGPRS %rdi\n', 'LOAD_EGPRS'],
    [
      'with numbers as arguments',
      String.raw`.macro LOAD_NUMBERS src, numbers:vararg
.irp i, \numbers
${body}`,
      `\tLOAD_NUMBERS %rdi, ${NUMBERS}\n`,
      'LOAD_NUMBERS',
    ],
  ])('%s', async (_, macro, loads, line) => {
    expect(await saidOf(line, macro, loads)).toBe(ALL);
  });

  it('and a feature that it is patched in for is one of them', async () => {
    const loads =
      '\tALTERNATIVE "jmp .Lno_egprs_in", "", X86_FEATURE_APX\n\tLOAD_REGS %rdi, VMX_vcpu_arch_regs, %r16, %r17\n';
    expect(await saidOf('%r16, %r17', '', loads)).toBe(
      'Loads guest R16 R17 from vcpu->arch.regs[], before VM-entry (VMLAUNCH or VMRESUME), if CONFIG_KVM_APX && ' +
        'KVM_ENTER_EGPR_SWITCH && vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX && X86_FEATURE_APX',
    );
  });
});

it('a world switch says which of its registers are moved under conditions', async () => {
  expect(await saidOf('SYM_FUNC_START(__vmx_vcpu_run)', '', '\tLOAD_REGS %rdi, VMX_vcpu_arch_regs, %r16\n')).toMatch(
    'VM-entry loads 16 GPRs, VM-exit stores 31, 16 of 31 under conditions (R16-R31); the VMCS keeps RSP',
  );
});

it('the flag that assembly tests, an immediate operand, is told with who sets it', async () => {
  const tree = treeAt(samplePath('apx-series'));
  const model = treeReading(await parser())(tree);
  const text = tree.files.find(({ path }) => path === ASSEMBLY)?.text ?? '';
  const found = explainAt(model, ASSEMBLY, text.indexOf('$KVM_ENTER_EGPR_SWITCH') + 1);
  const said = found ? explanationText(found.explanation).replace(/\s+/g, ' ') : '';
  expect(said).toContain('KVM_ENTER_EGPR_SWITCH: decides how R16-R31 are moved on VMX');
  expect(said).toContain('Set by __vmx_vcpu_enter_flags if vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX');
});
