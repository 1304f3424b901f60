import { describe, expect, it } from 'vitest';
import { worldSwitchSummary } from '../../server/src/explain/explainWorldSwitch.js';
import { asmFunctions } from '../../server/src/model/query/assembly.js';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('load-store-regs'));

/** What is said of a function of the sample's SVM world switch after a change of its text. */
async function summary(name: string, change: (text: string) => string): Promise<string> {
  const files = sample.files.map((file) =>
    file.path.endsWith('svm/vmenter.S') ? { ...file, text: change(file.text) } : file,
  );
  const model = readTree(await parser(), { ...sample, files });
  const found = asmFunctions(model).find(({ asm }) => asm.name === name);
  if (!found) throw new Error(`no ${name}`);
  return worldSwitchSummary(model, found.asm);
}

/** Puts a line right behind a function's first VMRUN. */
function behindVmrun(name: string, line: string) {
  return (text: string) => {
    const at = text.indexOf('vmrun', text.indexOf(`SYM_FUNC_START(${name})`));
    const end = text.indexOf('\n', at);
    return `${text.slice(0, end + 1)}${line}\n${text.slice(end + 1)}`;
  };
}

describe('a world switch in a line', () => {
  it('moves no guest register where all of it is understood', async () => {
    expect(await summary('__svm_sev_es_vcpu_run', (text) => text)).toBe('enters a guest, moves no guest register');
  });

  it('is not said to move none where something in it is not understood', async () => {
    expect(await summary('__svm_sev_es_vcpu_run', behindVmrun('__svm_sev_es_vcpu_run', 'MYSTERY %rdi'))).toBe(
      'enters a guest; which guest registers it moves is not known',
    );
  });

  it('says which registers it may move besides those that it is seen to move', async () => {
    const known = await summary('__svm_vcpu_run', (text) => text);
    expect(known).toBe('VM-entry loads 14 GPRs, VM-exit stores 14; the VMCB keeps RAX RSP');
    const bpElsewhere = (text: string) =>
      text.replace('%_ASM_BP, %_ASM_SI, %_ASM_DI', '%_ASM_SI, %_ASM_DI\n\tMYSTERY %rbp, %rax');
    expect(await summary('__svm_vcpu_run', bpElsewhere)).toBe(
      'VM-entry loads 14 GPRs, VM-exit stores 13; the VMCB keeps RAX RSP; not all is known of RBP',
    );
  });
});
