import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseFactsFile } from '../../server/src/facts/factsFile.js';
import type { FactRecords } from '../../server/src/facts/keptFacts.js';
import { readTree, type Stage, type TreeText } from '../../server/src/model/readTree.js';
import { shortDigest } from '../../server/src/store/recordStore.js';
import { parser, treeAt } from '../engine.js';
import { changed, changes } from '../mutations.js';
import { countingParser } from '../parsingWork.js';
import { samplePath } from '../samples.js';
import { edited, edits, factsText, TREE_TEXT } from './editedTree.js';

/** Records that readings in a row, of a process each, leave for the next. */
function recordsOf(known: Map<string, string>): FactRecords {
  return {
    read: (path) => known.get(path) ?? null,
    write: (records) => {
      for (const [path, record] of records) known.set(path, record);
    },
    digest: shortDigest,
  };
}

it('after any edits facts with records of any earlier text are those without', async () => {
  const c = await parser();
  fc.assert(
    fc.property(fc.array(edits, { minLength: 1, maxLength: 4 }), (all) => {
      const records = recordsOf(new Map());
      let text = TREE_TEXT;
      readTree(c, text, undefined, records);
      for (const edit of all) {
        text = edited(text, edit);
        const fresh = factsText(readTree(c, text));
        expect(factsText(readTree(c, text, undefined, records))).toBe(fresh);
        expect(factsText(readTree(c, text, undefined, records))).toBe(fresh);
      }
    }),
    { numRuns: 30 },
  );
});

it.each(['load-store-regs', 'apx-series'])('with records of %s no function is parsed for its facts', async (sample) => {
  const { c, work } = countingParser(await parser());
  const text = treeAt(samplePath(sample));
  const known = new Map<string, string>();
  const read = () => {
    const began: Partial<Record<Stage, number>> = {};
    const onStage = (stage: Stage) => {
      began[stage] = work().pieces;
    };
    const facts = factsText(readTree(c, text, onStage, recordsOf(known)));
    return { facts, parsed: (began.model ?? 0) - (began.facts ?? 0) };
  };
  const fresh = read();
  const written = new Map(known);
  const again = read();
  expect(fresh.parsed).toBeGreaterThan(20);
  expect(again).toEqual({ facts: fresh.facts, parsed: 0 });
  expect(known).toEqual(written);
});

it('records that are cut, changed or of another file are no harm', async () => {
  const c = await parser();
  const known = new Map<string, string>();
  const text: TreeText = TREE_TEXT;
  const fresh = factsText(readTree(c, text, undefined, recordsOf(known)));
  const records = [...known.values()];
  for (const record of [
    '',
    '[]',
    '{}',
    'null',
    '[[],[],[]]',
    '[[1],[],[]]',
    '[[],[],[["vmx_set","",{},[]]]]',
    ...records,
  ]) {
    const others = new Map([...known.keys()].map((path) => [path, record]));
    expect(factsText(readTree(c, text, undefined, recordsOf(others)))).toBe(fresh);
  }
  for (const record of records)
    fc.assert(
      fc.property(changes, (all) => {
        expect(() => parseFactsFile(changed(record, all))).not.toThrow();
      }),
    );
});
