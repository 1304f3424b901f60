import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkJson } from '../../server/src/cli/check.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { RULES } from '../../server/src/check/rules.js';
import { mapJson } from '../../server/src/cli/mapJson.js';
import { refsJson } from '../../server/src/cli/refs.js';
import { xsaveJson } from '../../server/src/cli/xsave/xsaveJson.js';
import type { ReadingRecord } from '../../server/src/model/keptReading.js';
import { readTree, type TreeText } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { edited, edits, factsText, TREE_TEXT, type Edit } from '../facts/editedTree.js';
import { parser, treeAt } from '../engine.js';
import { countingParser } from '../parsingWork.js';
import { samplePath } from '../samples.js';

/** A record as it lies on the disk between two processes. */
interface RecordOnDisk extends ReadingRecord {
  bytes: Buffer | null;
}

function recordOf(): RecordOnDisk {
  const record: RecordOnDisk = {
    bytes: null,
    read: () => record.bytes && (deserialize(record.bytes) as unknown),
    write: (make) => {
      record.bytes = serialize(make());
    },
  };
  return record;
}

/** The same record, in which nothing is written any more. */
function frozen({ read }: ReadingRecord): ReadingRecord {
  return { read, write: () => undefined };
}

/** All that is made of a tree: facts, and the answers to what the program is asked. */
function answersText(model: RegisterModel): string {
  const answers = [mapJson(model), xsaveJson(model), refsJson(model, []), checkJson(model, checkTree(model, RULES))];
  return JSON.stringify([...answers, model.assembly, model.problems], null, 1) + factsText(model);
}

/** The first line in which two texts differ, as each has it; null where they are the same. */
function difference(one: string, other: string): readonly (string | undefined)[] | null {
  if (one === other) return null;
  const [lines, others] = [one.split('\n'), other.split('\n')];
  const at = lines.findIndex((line, i) => line !== others[i]);
  return [lines[at], others[at]];
}

it.each([
  ['a small tree', () => TREE_TEXT, 12],
  ['load-store-regs', () => treeAt(samplePath('load-store-regs')), 3],
  ['apx-series', () => treeAt(samplePath('apx-series')), 3],
])(
  'after any edits of %s answers with a record of any earlier text are those without',
  async (_, tree, numRuns) => {
    const c = await parser();
    const first: TreeText = tree();
    const record = recordOf();
    readTree(c, first, undefined, record);
    const { bytes } = record;
    fc.assert(
      fc.property(fc.array(edits, { minLength: 1, maxLength: 3 }), (all: readonly Edit[]) => {
        const last = recordOf();
        last.bytes = bytes;
        let text = first;
        for (const edit of all) {
          text = edited(text, edit);
          const fresh = answersText(readTree(c, text));
          expect(difference(answersText(readTree(c, text, undefined, frozen(record))), fresh)).toBeNull();
          expect(difference(answersText(readTree(c, text, undefined, last)), fresh)).toBeNull();
        }
      }),
      { numRuns },
    );
  },
  60_000,
);

it.each(['load-store-regs', 'apx-series'])('with the record of %s nothing is parsed', async (sample) => {
  const { c, work } = countingParser(await parser());
  const text = treeAt(samplePath(sample));
  const record = recordOf();
  const fresh = readTree(c, text, undefined, record);
  const first = work().pieces;
  const { bytes } = record;
  const again = readTree(c, text, undefined, record);
  expect(first).toBeGreaterThan(20);
  expect(work().pieces - first).toBe(0);
  expect(record.bytes).toBe(bytes);
  expect(difference(answersText(again), answersText(fresh))).toBeNull();
});

it('with a record a changed function is parsed alone', async () => {
  const { c, work } = countingParser(await parser());
  const text = treeAt(samplePath('load-store-regs'));
  const record = recordOf();
  readTree(c, text, undefined, record);
  const before = work().pieces;
  const files = text.files.map((file) =>
    file.path.endsWith('vmx/vmx.c') ? { ...file, text: file.text.replace('GUEST_RSP)', 'GUEST_RIP)') } : file,
  );
  const changed = { ...text, files };
  const model = readTree(c, changed, undefined, frozen(record));
  expect(work().pieces - before).toBe(1);
  expect(difference(answersText(model), answersText(readTree(c, changed)))).toBeNull();
});

it('a record that is none, or of another tree, is no harm', async () => {
  const c = await parser();
  const fresh = answersText(readTree(c, TREE_TEXT));
  const other = recordOf();
  readTree(c, treeAt(samplePath('load-store-regs')), undefined, other);
  const values = [null, undefined, 1, '', [], {}, { files: [] }, { files: 1, facts: 1 }, { files: [1], facts: {} }];
  for (const value of [...values, other.read()]) {
    const record = { read: () => value, write: () => undefined };
    expect(difference(answersText(readTree(c, TREE_TEXT, undefined, record)), fresh)).toBeNull();
  }
});
