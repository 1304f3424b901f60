import { expect, it } from 'vitest';
import { lensesOf } from '../../server/src/explain/lenses.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { lineAt } from '../../server/src/syntax/text/sourceText.js';
import { modelOfTree } from '../engine.js';
import { sampleNames, samplePath } from '../samples.js';

it.each(sampleNames())('lenses of samples/%s', async (name) => {
  const model = await modelOfTree(samplePath(name));
  await expect(lensText(model, false)).toMatchFileSnapshot(`lenses/${name}.txt`);
});

it('every lens leads to whole words of the tree, in any order of its files', async () => {
  const model = await modelOfTree(samplePath('load-store-regs'));
  const words = [...model.files.keys()].flatMap((path) =>
    lensesOf(model, path, { everyFunction: true }).flatMap(({ locations }) =>
      locations.map(({ file, start, end }) => model.files.get(file)?.source.text.slice(start, end)),
    ),
  );
  expect(words.length).toBeGreaterThan(100);
  expect(words.filter((word) => word === undefined || !/^%?[\w.$]+$/.test(word))).toEqual([]);
});

it.each([
  ['svm/svm.c', 'svm_vcpu_run'],
  ['svm/vmenter.S', '__svm_vcpu_run'],
  ['x86.c', 'vcpu_enter_guest'],
])('what %s does around a run of the guest has a lens for each side: %s', async (file, name) => {
  const path = `arch/x86/kvm/${file}`;
  const { model, source } = await fileOf(path);
  const [entry, exit, ...others] = lensesOf(model, path, { everyFunction: false }).filter(
    ({ span }) => source.text.slice(span.start, span.end) === name,
  );
  expect(others).toEqual([]);
  expect(entry?.title).toMatch(/VM-entry/);
  expect(exit?.title).toMatch(/VM-exit/);
  expect([entry?.title.includes('VM-exit'), exit?.title.includes('VM-entry')]).toEqual([false, false]);
  const lines = [entry, exit].map((lens) => lens?.locations.map(({ start }) => lineAt(source, start)) ?? []);
  expect(lines.map(({ length }) => length)).not.toContain(0);
  expect(new Set(lines.flat()).size).toBe(new Set(lines[0]).size + new Set(lines[1]).size); // none leads to both
});

it('every function that uses a register has a lens when asked for', async () => {
  const model = await modelOfTree(samplePath('load-store-regs'));
  const usual = lensText(model, false).split('\n');
  const all = lensText(model, true).split('\n');
  expect(all.length).toBeGreaterThan(usual.length);
  expect(usual.filter((line) => !all.includes(line))).toEqual([]);
});

async function fileOf(path: string) {
  const model = await modelOfTree(samplePath('load-store-regs'));
  const source = model.files.get(path)?.source;
  if (!source) throw new Error(`no ${path}`);
  return { model, source };
}

function lensText(model: RegisterModel, everyFunction: boolean): string {
  return [...model.files.values()]
    .flatMap(({ source }) =>
      lensesOf(model, source.path, { everyFunction }).map(({ span, title, locations }) => {
        const line = String(lineAt(source, span.start));
        const word = source.text.slice(span.start, span.end);
        return `${source.path}:${line} ${word}: ${title} -> ${String(locations.length)}`;
      }),
    )
    .join('\n')
    .concat('\n');
}
