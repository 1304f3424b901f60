import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clearStore, openStore, recordKey, storeUsage } from '../../server/src/store/recordStore.js';
import { temporaryTree } from '../tree/temporaryTree.js';

const LIMIT = 1_000_000;
const key = recordKey('a');

function emptyDirectory(): string {
  return join(temporaryTree({}), 'below', 'store');
}

/** Says that a record was last used so many days ago. */
function age(directory: string, name: string, days: number): void {
  const then = new Date(Date.now() - days * 86_400_000);
  utimesSync(join(directory, name), then, then);
}

it('gives what was written, in this process and in others', () => {
  const directory = emptyDirectory();
  const record = JSON.stringify('text\n\u{1f600}\ud800 \0\r\n');
  openStore(directory, LIMIT).write(key, record);
  expect(openStore(directory, LIMIT).read(key)).toBe(record);
  expect(openStore(directory, LIMIT).read(recordKey('b'))).toBeNull();
});

it('gives bytes as they were written', () => {
  const directory = emptyDirectory();
  const record = Buffer.from([0, 255, 10, 13, 0xd8, 0]);
  openStore(directory, LIMIT).writeBytes(key, record);
  expect(openStore(directory, LIMIT).readBytes(key)).toEqual(record);
});

it('is for its user alone', () => {
  const directory = emptyDirectory();
  openStore(directory, LIMIT).write(key, 'text');
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, key)).mode & 0o777).toBe(0o600);
});

it('uses no directory that others can write to', () => {
  const directory = emptyDirectory();
  openStore(directory, LIMIT).write(key, 'text');
  chmodSync(directory, 0o777);
  const store = openStore(directory, LIMIT);
  expect(store.read(key)).toBeNull();
  store.write(recordKey('b'), 'text');
  expect(readdirSync(directory)).toEqual([key]);
});

it.each([
  ['truncated', (text: string) => text.slice(0, -1)],
  ['longer', (text: string) => `${text} `],
  ['changed', (text: string) => text.replace('text', 'tekt')],
  ['empty', () => ''],
  ['something else', () => 'SQLite format 3\0'],
])('takes a record that is %s for none, and replaces it', (_, change) => {
  const directory = emptyDirectory();
  const store = openStore(directory, LIMIT);
  store.write(key, 'text');
  const path = join(directory, key);
  writeFileSync(path, change(readFileSync(path, 'latin1')), 'latin1');
  expect(store.read(key)).toBeNull();
  store.write(key, 'text');
  expect(store.read(key)).toBe('text');
});

it("takes another key's record for none", () => {
  const directory = emptyDirectory();
  const store = openStore(directory, LIMIT);
  store.write(key, 'text');
  writeFileSync(join(directory, recordKey('b')), readFileSync(join(directory, key)));
  expect(store.read(recordKey('b'))).toBeNull();
});

it('removes what was not used for the longest, and leaves other files alone', () => {
  const directory = emptyDirectory();
  const store = openStore(directory, 3000);
  const keys = ['a', 'b', 'c', 'd'].map(recordKey);
  const [first = '', second = '', third = '', fourth = ''] = keys;
  for (const [i, each] of [first, second, third].entries()) {
    store.write(each, 'x'.repeat(800));
    age(directory, each, 3 - i);
  }
  writeFileSync(join(directory, 'notes'), 'x'.repeat(9000));
  expect(store.read(first)).not.toBeNull();
  store.write(fourth, 'x'.repeat(800));
  expect(readdirSync(directory).sort()).toEqual([first, third, fourth, 'notes'].sort());
});

it('takes nothing away that another process is writing, but what one left so', () => {
  const directory = emptyDirectory();
  const store = openStore(directory, 1000);
  store.write(recordKey('old'), 'text');
  const [written, left] = [randomUUID(), randomUUID()].map((id) => `${key}.${id}`);
  for (const name of [written, left]) writeFileSync(join(directory, String(name)), 'x'.repeat(900));
  age(directory, String(left), 1);
  store.write(recordKey('new'), 'x'.repeat(900));
  expect(readdirSync(directory).sort()).toEqual([recordKey('old'), recordKey('new'), written].sort());
});

it('keeps no record that is larger than all may be together, and none for it', () => {
  const directory = emptyDirectory();
  const store = openStore(directory, 1000);
  store.write(key, 'text');
  store.write(recordKey('b'), 'x'.repeat(1000));
  expect(readdirSync(directory)).toEqual([key]);
});

it('tells how much it holds, and is cleared of its own files only', () => {
  const directory = emptyDirectory();
  expect(storeUsage(directory)).toEqual({ records: 0, bytes: 0 });
  openStore(directory, LIMIT).write(key, 'text');
  expect(storeUsage(directory)).toEqual({ records: 1, bytes: statSync(join(directory, key)).size });
  writeFileSync(join(directory, 'notes'), '');
  clearStore(directory);
  expect(readdirSync(directory)).toEqual(['notes']);
  clearStore(emptyDirectory());
});

it('removes an empty directory with the last record', () => {
  const directory = emptyDirectory();
  openStore(directory, LIMIT).write(key, 'text');
  clearStore(directory);
  expect(statSync(directory, { throwIfNoEntry: false })).toBeUndefined();
});

it('keeps nothing, without an error, where no directory can be made', () => {
  const root = temporaryTree({ file: '' });
  const store = openStore(join(root, 'file', 'store'), LIMIT);
  store.write(key, 'text');
  expect(store.read(key)).toBeNull();
});

it('leaves no half of a record where one cannot be put in its place', () => {
  const directory = emptyDirectory();
  mkdirSync(join(directory, key), { recursive: true });
  chmodSync(directory, 0o700);
  const store = openStore(directory, LIMIT);
  store.write(key, 'text');
  expect(store.read(key)).toBeNull();
  expect(readdirSync(directory)).toEqual([key]);
});
