import { expect, it } from 'vitest';
import { nameTable } from '../../../server/src/check/apx/nameTable.js';
import { readTree, type TreeText } from '../../../server/src/model/readTree.js';
import { lineAt } from '../../../server/src/syntax/text/sourceText.js';
import { parser, treeAt } from '../../engine.js';
import { changedTree, changeOf, type Change } from '../../kernels/treeChanges.js';
import { samplePath } from '../../samples.js';
import { expectMarks, registers } from './fixture.js';

const sample = treeAt(samplePath('load-store-regs'));

async function tablesOf(tree: TreeText): Promise<string[]> {
  const model = readTree(await parser(), tree);
  return nameTable.find(model).map(({ file, span, related }) => {
    const source = model.files.get(file)?.source;
    const users = related.map(({ message }) => message.replace('used in ', '')).join(' ');
    return `${file}:${String(source && lineAt(source, span.start))} ${users}`;
  });
}

const upper = Array.from({ length: 16 }, (_, i) => i + 16);
const inSample = (find: RegExp, put: string): Change => changeOf(sample, /^#define REG_NUM_INVALID/, find, put);

it('finds the table by which the world switch knows slots, and shows what uses it', async () => {
  expect(await tablesOf(sample)).toEqual([
    'arch/x86/include/asm/kvm_vcpu_regs.h:20 __svm_vcpu_run __svm_sev_es_vcpu_run __vmx_vcpu_run',
  ]);
});

it('leaves a table alone that knows R16-R31, by their names or by their numbers', async () => {
  const numbers = inSample(/15$/m, `15, ${upper.join(', ')}`);
  expect(await tablesOf(changedTree(sample, [numbers]))).toEqual([]);
  const names = upper.map((n) => `.ifc \\r64,%r${String(n)}; \\opd = ${String(n)}; .endif`).join('; ');
  expect(await tablesOf(changedTree(sample, [inSample(/\.irp num, 8/, `${names}; $&`)]))).toEqual([]);
});

it('leaves a table alone that R16-R31 are moved without, by their numbers', async () => {
  expect(await tablesOf(treeAt(samplePath('apx-series')))).toEqual([]);
});

it('leaves a table alone that no assembly with slots uses', async () => {
  const unused = {
    path: 'arch/x86/include/asm/inst.h',
    text: sample.files.find(({ path }) => path.endsWith('kvm_vcpu_regs.h'))?.text ?? '',
  };
  expect(await tablesOf({ ...sample, files: [...sample.files, unused] })).toHaveLength(1);
});

it('leaves a macro alone that compares names and gives no number for them', async () => {
  const changes = sample.files.flatMap(({ path, text }) =>
    [...text.matchAll(/\\opd = \S+/g)].map((assignment): Change => {
      const end = assignment.index + assignment[0].length;
      return { path, start: assignment.index, end, put: '.byte 0x2e' };
    }),
  );
  expect(await tablesOf(changedTree(sample, changes))).toEqual([]);
});

const cases = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => `\tcase VCPU_REGS_R${String(first + i)}:\n`).join('');

it('finds a switch with a case for each register up to R15', () =>
  expectMarks(`
static int code(struct kvm_vcpu *vcpu, int reg)
{
	switch (reg) {
	case VCPU_REGS_RAX:
${cases(8, 14)}	case VCPU_REGS_R15: /* apx/name-table: VCPU_REGS_R15 */
		return 1;
	}
	return 0;
}
`));

it('leaves a switch alone that has some, or all of the 32', async () => {
  const code = (first: number, last: number) =>
    `static int code(int reg)\n{\n\tswitch (reg) {\n${cases(first, last)}\t\treturn 1;\n\t}\n\treturn 0;\n}\n`;
  await expectMarks(code(8, 14));
  await expectMarks(code(8, 31), registers(31));
  await expectMarks(code(16, 31), registers(31));
});
