import { expect, it } from 'vitest';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const SVM = 'arch/x86/kvm/svm/svm.c';
const sample = treeAt(samplePath('apx-series'));

/** How a SEV-ES guest's register is kept, and the code that its new value is read by, in the sample with SVM's code changed. */
async function trapped(register: string, change: (text: string) => string): Promise<[string, string | undefined]> {
  const files = sample.files.map((file) => (file.path === SVM ? { ...file, text: change(file.text) } : file));
  const { registers } = readTree(await parser(), { ...sample, files });
  const owner = registers.find((one) => one.register === register)?.owners.find(({ backend }) => backend === 'sev-es');
  const text = files.find(({ path }) => path === SVM)?.text.split('\n') ?? [];
  return [owner?.sync ?? '', text[(owner?.load[0]?.line ?? 0) - 1]?.trim()];
}

it.each(['CR0', 'CR4'])('%s of a protected guest is told by a write trap that a switch leads to', async (register) => {
  expect(await trapped(register, (text) => text)).toEqual([
    'partial',
    `svm_set_${register.toLowerCase()}(vcpu, control->exit_info_1);`,
  ]);
});

it('is told by none where no exit leads to it', async () => {
  const without = (text: string) => text.replace('\tcase SVM_EXIT_CR4_WRITE_TRAP:\n', '');
  expect(await trapped('CR4', without)).toEqual(['protected', undefined]);
});
