import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APX_RULES } from '../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { RULES } from '../../server/src/check/rules.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { registers } from '../check/apx/fixture.js';
import { checkText } from '../cliText.js';
import { modelOf, modelOfTree } from '../engine.js';
import { sampleCopy } from '../lsp/sampleTree.js';

const CODE = `
static int code(struct kvm_vcpu *vcpu, u32 info)
{
	int reg = (info >> 18) & 0xf;

	return kvm_register_read(vcpu, reg);
}
`;

function apxText(model: RegisterModel, columns: number | null = null): string {
  return checkText(model, checkTree(model, APX_RULES), APX_RULES, columns);
}

describe('kvm-regs check as text', () => {
  it('has a heading for each file, lines that editors jump from, reasons and a summary', async () => {
    const text = apxText(await modelOf({ ...registers(31), 'arch/x86/kvm/code.c': CODE }));
    const rule = APX_RULES.find(({ id }) => id === 'apx/narrow-index');
    expect(text.split('\n')).toEqual([
      'arch/x86/kvm/code.c',
      'arch/x86/kvm/code.c:4:12: info: 4-bit GPR number (bits 21:18 of info): RAX-R15 only; R16-R31 need a fifth bit [apx/narrow-index]',
      '  arch/x86/kvm/code.c:6:33: note: GPR read by it in code',
      '',
      '[apx/narrow-index]',
      `  ${rule?.title ?? ''} ${rule?.why ?? ''}`,
      '',
      '1 place in 1 file with room for fewer than 32 general-purpose registers.',
      '',
      'Left for a series that gives guests R16-R31:',
      '- a fifth bit for register numbers: 1 place in code.c [apx/narrow-index]',
      '',
    ]);
  });

  it('tells mistakes in register tracking first, whatever file they are in', async () => {
    const root = sampleCopy('load-store-regs');
    const file = join(root, 'arch/x86/kvm/x86.c');
    const mistake = 'unsigned long stack(struct kvm_vcpu *vcpu)\n{\n\treturn vcpu->arch.regs[VCPU_REGS_RSP];\n}\n';
    writeFileSync(file, readFileSync(file, 'utf8') + mistake);
    const model = await modelOfTree(root);
    const lines = checkText(model, checkTree(model, RULES), RULES).split('\n');
    expect(lines[0]).toBe('arch/x86/kvm/x86.c');
    expect(lines[1]).toContain('[tracking/stale-read]');
    const severities = lines.flatMap((line) => /:\d+: (warning|info): /.exec(line)?.[1] ?? []);
    expect(severities).toEqual(['warning', ...severities.slice(1).map(() => 'info')]);
    expect(severities.length).toBeGreaterThan(1);
  });

  it('says so of a tree that has room for 32', async () => {
    expect(apxText(await modelOf(registers(31)))).toBe(
      'Nothing was found that holds fewer than 32 general-purpose registers.\n',
    );
  });

  it('has a summary for each family that was looked for', async () => {
    const model = await modelOf(registers(31));
    const families = new Set(RULES.map((rule) => rule.family));
    expect(checkText(model, [], RULES).trimEnd().split('\n')).toHaveLength(families.size);
  });

  it('is wrapped where a terminal says how wide it is, so that places stay whole', async () => {
    const lines = apxText(await modelOf({ ...registers(), 'arch/x86/kvm/code.c': CODE }), 60).split('\n');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(lines.filter((line) => /^\S+\.[ch]:\d+:\d+: info: /.test(line))).toHaveLength(2);
  });
});
