import { expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { fittingExplanation } from '../../server/src/explain/fittingExplanation.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { locationAt, type SourceText } from '../../server/src/syntax/text/sourceText.js';
import { tokenize } from '../../server/src/syntax/text/tokens.js';
import { modelOfTree } from '../engine.js';
import { sampleNames, samplePath } from '../samples.js';

it.each(sampleNames())('hovers of samples/%s', async (name) => {
  const model = await modelOfTree(samplePath(name));
  const hovers = [...model.files.values()].flatMap(({ source }) => hoversOf(model, source));
  await expect(`${hovers.join('\n\n')}\n`).toMatchFileSnapshot(`hovers/${name}.txt`);
});

it('a hover has fifteen lines at the most, and says what it leaves out', async () => {
  const model = await modelOfTree(samplePath('apx-xfeatures'));
  const types = 'arch/x86/include/asm/fpu/types.h';
  const at = model.files.get(types)?.source.text.indexOf('XFEATURE_APX') ?? -1;
  const explanation = explainAt(model, types, at)?.explanation;
  if (!explanation) throw new Error('nothing is said of XFEATURE_APX');
  expect(explanationText(explanation).split('\n').length).toBeGreaterThan(15);
  const lines = explanationText(fittingExplanation(explanation)).split('\n');
  expect(lines.length).toBeLessThanOrEqual(15);
  expect(lines.at(-1)).toMatch(/^Explain tells \d more$/);
  for (const columns of [40, 60, 80])
    expect(
      explanationText(fittingExplanation(explanation, columns), columns).startsWith(
        explanationText({ ...explanation, owners: [], notes: [] }, columns),
      ),
    ).toBe(true);
});

it('every hover fits the columns that it is given', async () => {
  const model = await modelOfTree(samplePath('load-store-regs'));
  const explanations = [...model.files.values()].flatMap(({ source: { path, text } }) =>
    tokenize(text).flatMap(({ start }) => explainAt(model, path, start)?.explanation ?? []),
  );
  const linesAt = (columns: number) => explanations.flatMap((one) => explanationText(one, columns).split('\n'));
  expect(linesAt(80).filter((line) => line.length > 80)).toEqual([]);
  expect(linesAt(120).filter((line) => line.length > 80).length).toBeGreaterThan(100);
});

/** The hovers on the words of a file, comments left out: each text once, below all places where it is shown. */
function hoversOf(model: RegisterModel, source: SourceText): string[] {
  const places = new Map<string, string[]>();
  for (const { kind, start, text: word } of tokenize(source.text)) {
    const found = kind === 'word' ? explainAt(model, source.path, start) : null;
    if (!found) continue;
    const text = explanationText(found.explanation);
    const { line, column } = locationAt(source, start);
    places.set(text, [...(places.get(text) ?? []), `${line}:${column} ${word}`]);
  }
  return [...places].map(([text, at]) => `${source.path}:${at.join(', ')}\n${indented(text)}`);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
