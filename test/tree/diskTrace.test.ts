import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { digestAgain, parseQuestions, tracedDisk } from '../../server/src/tree/diskTrace.js';
import { temporaryTree } from './temporaryTree.js';

it('notes each question once, and the digest of all answers', () => {
  const root = temporaryTree({ 'a.c': 'int a;\n', 'b.c': '' });
  const { disk, trace } = tracedDisk();
  disk.file(join(root, 'a.c'));
  disk.directory(root);
  disk.target(join(root, 'none'));
  disk.file(join(root, 'a.c'));
  const traced = trace();
  expect(traced?.questions).toEqual([
    ['file', join(root, 'a.c')],
    ['directory', root],
    ['target', join(root, 'none')],
  ]);
  expect(digestAgain(traced?.questions ?? [])).toBe(traced?.digest);
});

it.each<[string, (root: string) => void]>([
  [
    'a file has other bytes',
    (root) => {
      writeFileSync(join(root, 'a.c'), 'int b;\n');
    },
  ],
  [
    'a file is there that was not',
    (root) => {
      writeFileSync(join(root, 'none'), '');
    },
  ],
  [
    'a directory has one more file',
    (root) => {
      writeFileSync(join(root, 'c.c'), '');
    },
  ],
  [
    'a link leads somewhere',
    (root) => {
      symlinkSync('a.c', join(root, 'none'));
    },
  ],
])('the digest is another one where %s', (_, change) => {
  const root = temporaryTree({ 'a.c': 'int a;\n' });
  const { disk, trace } = tracedDisk();
  disk.file(join(root, 'a.c'));
  disk.directory(root);
  disk.target(join(root, 'none'));
  const traced = trace();
  change(root);
  expect(digestAgain(traced?.questions ?? [])).not.toBe(traced?.digest);
});

it('is none where a question had two answers', () => {
  const root = temporaryTree({ 'a.c': 'int a;\n' });
  const { disk, trace } = tracedDisk();
  disk.file(join(root, 'a.c'));
  writeFileSync(join(root, 'a.c'), 'int b;\n');
  disk.file(join(root, 'a.c'));
  expect(trace()).toBeNull();
});

it('tells the bytes of one file from those of the next', () => {
  const root = temporaryTree({ a: 'xy', b: 'z', c: 'x', d: 'yz' });
  const digest = (...names: string[]) => digestAgain(names.map((name) => ['file', join(root, name)]));
  expect(digest('a', 'b')).not.toBe(digest('c', 'd'));
});

it.each(['[]', '[["file","/a"],["target","/b"]]'])('reads questions from %s', (json) => {
  expect(parseQuestions(json)).toEqual(JSON.parse(json));
});

it.each(['{}', 'null', '[["toString","/a"]]', '[["file"]]', '[["file",1]]', '[["file","/a","/b"]]'])(
  'reads none from %s',
  (json) => {
    expect(parseQuestions(json)).toBeNull();
  },
);
