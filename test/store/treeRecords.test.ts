import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openStore } from '../../server/src/store/recordStore.js';
import { readingRecord } from '../../server/src/store/treeRecords.js';
import { temporaryTree } from '../tree/temporaryTree.js';

const LIMIT = 1_000_000;

function recordIn(directory: string, build = 'this', root = '/tree') {
  return readingRecord({ records: openStore(directory, LIMIT), build }, root);
}

/** Data with an object that stands in it twice. */
function value() {
  const guard = { words: new Map([['a', 1]]), offset: null };
  return { facts: [guard, guard, undefined, 10n], names: new Set(['b']), numbers: Int32Array.of(1, -2) };
}

it('gives plain data as it was, objects that stand in it twice once', () => {
  const directory = join(temporaryTree({}), 'store');
  recordIn(directory).write(value());
  const read = recordIn(directory).read();
  expect(read).toEqual(value());
  const { facts } = read as ReturnType<typeof value>;
  expect(facts[0]).toBe(facts[1]);
});

it('has nothing for another build or another tree', () => {
  const directory = join(temporaryTree({}), 'store');
  recordIn(directory).write(value());
  expect(recordIn(directory, 'other').read()).toBeNull();
  expect(recordIn(directory, 'this', '/other').read()).toBeNull();
});

it('takes a record that is cut or changed anywhere for none', () => {
  const directory = join(temporaryTree({}), 'store');
  recordIn(directory).write(value());
  const [name = ''] = readdirSync(directory);
  const path = join(directory, name);
  const whole = readFileSync(path);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ by;
      for (const bytes of [changed, whole.subarray(0, at)]) {
        writeFileSync(path, bytes);
        expect(recordIn(directory).read()).toBeNull();
      }
    }),
  );
});

it('takes bytes of another format for none', () => {
  const directory = join(temporaryTree({}), 'store');
  const records = openStore(directory, LIMIT);
  recordIn(directory).write(value());
  const [name = ''] = readdirSync(directory);
  records.write(name, '[[],[],[]]');
  expect(recordIn(directory).read()).toBeNull();
});
