import process from 'node:process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTree, treeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { modelOf, parser, treeAt } from '../../engine.js';
import { changed, changes } from '../../mutations.js';
import { samplePath } from '../../samples.js';
import { apxFindings } from './findings.js';
import { registers } from './fixture.js';

const sample = treeAt(samplePath('load-store-regs'));

/** The sample with changes in one of its files. */
function edited(file: number, all: Parameters<typeof changed>[1]): TreeText {
  const at = file % sample.files.length;
  const files = sample.files.map(({ path, text }, i) => ({ path, text: i === at ? changed(text, all) : text }));
  return { ...sample, files };
}

it('finds the same after any edits as in a tree that is read afresh, asked at once or later', async () => {
  const c = await parser();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), changes, fc.boolean()), { minLength: 1, maxLength: 3 }), (edits) => {
      const read = treeReading(c);
      read(sample);
      const asked = edits.map(([file, all, isAskedAtOnce]) => {
        const tree = edited(file, all);
        const model = read(tree);
        if (isAskedAtOnce) model.numbers();
        return { tree, model };
      });
      for (const { tree, model } of asked) expect(apxFindings(model)).toEqual(apxFindings(readTree(c, tree)));
    }),
    { numRuns: 8 },
  );
});

/** Each of these must be read within this time of the processor's. Milliseconds. */
const LIMIT = 2000;

const many = (n: number, text: (i: number) => string) => Array.from({ length: n }, (_, i) => text(i)).join('');

it.each([
  [
    'of one another, twice each',
    `int ${many(60, (i) => `v${String(i)} = v${String(i + 1)} | v${String(i + 1)}, `)}v60;`,
  ],
  ['of themselves', 'int v0, v1; v0 = v1 | v0; v1 = v0 ? v1 : v0; v0 |= v1; v1 |= v0;'],
  ['in a thousand ways', `int v0; ${many(1000, (i) => `v0 = a${String(i)}; v0 |= b${String(i)};`)}`],
  ['in choices in choices', `int v0 = ${many(600, (i) => `a ? ${String(i)} : `)}(info >> 3) & 15;`],
])('reads numbers that are made %s', async (_, body) => {
  const text = `static int code(struct kvm_vcpu *vcpu, u32 info)\n{\n\t${body}\n\treturn kvm_register_read(vcpu, v0);\n}\n`;
  await parser();
  const before = process.cpuUsage();
  apxFindings(await modelOf({ ...registers(), 'arch/x86/kvm/code.c': text }));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LIMIT);
});
