import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTree } from '../../server/src/check/checkTree.js';
import type { Rule } from '../../server/src/check/finding.js';
import { RULES } from '../../server/src/check/rules.js';
import { rulesPage } from '../../server/src/check/rulesPage.js';
import { root } from '../../scripts/setup.mjs';
import { modelOf } from '../engine.js';

test('docs/checks.md is what `npm run rules` writes', () => {
  expect(readFileSync(join(root, 'docs/checks.md'), 'utf8')).toBe(rulesPage(RULES));
});

test('each rule has an id of its own, in its family', () => {
  const ids = RULES.map((rule) => rule.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, family } of RULES) expect(id).toMatch(new RegExp(`^${family}/[a-z0-9-]+$`));
});

/** Finds every use of the word `bad`. */
const finder = (id: string): Rule => ({
  id,
  family: 'tracking',
  severity: 'info',
  title: '',
  why: '',
  exemptions: [],
  find: (model) =>
    [...model.files.values()].flatMap(({ source }) =>
      [...source.text.matchAll(/\bbad\b/g)].map(({ index }) => ({
        rule: id,
        file: source.path,
        span: { start: index, end: index + 3 },
        message: '',
        related: [],
      })),
    ),
});

test('findings are in the order of files and offsets, of several rules by the rule’s name', async () => {
  const model = await modelOf({ 'b.c': 'int bad;\n', 'a.c': 'int x;\nint bad, y = bad;\n' });
  const found = checkTree(model, [finder('tracking/z'), finder('tracking/a')]);
  expect(found.map(({ file, span, rule }) => `${file} ${String(span.start)} ${rule}`)).toEqual([
    'a.c 11 tracking/a',
    'a.c 11 tracking/z',
    'a.c 20 tracking/a',
    'a.c 20 tracking/z',
    'b.c 4 tracking/a',
    'b.c 4 tracking/z',
  ]);
});

test('a comment silences the rules that it names, on its line and the next', async () => {
  const text = [
    'int bad; /* kvm-regs-ignore: tracking/a */',
    'int bad;',
    'int bad;',
    '// kvm-regs-ignore: tracking/other, tracking/a',
    'int bad;',
    '// kvm-regs-ignore: tracking/ab',
    'int bad;',
  ].join('\n');
  const model = await modelOf({ 'a.c': text });
  const lines = checkTree(model, [finder('tracking/a')]).map(
    ({ span }) => text.slice(0, span.start).split('\n').length,
  );
  expect(lines).toEqual([3, 7]);
});
