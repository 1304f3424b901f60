import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keptOrFresh } from '../../server/src/cli/keptAnswers.js';
import { UNLIMITED } from '../../server/src/cli/lines.js';
import type { PrintedAnswer } from '../../server/src/cli/printedAnswer.js';
import type { TreeRequest } from '../../server/src/cli/treeRequest.js';
import { openStore } from '../../server/src/store/recordStore.js';
import { findKernelTree } from '../../server/src/tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../../server/src/tree/loadTree.js';
import { samplePath } from '../samples.js';
import { temporaryTree } from '../tree/temporaryTree.js';

/**
 * The answer that says most: all that was read of the tree, with the question. Where this one is the fresh one whatever happens to
 * the tree and to what is kept, so is every answer that is computed from the same.
 */
function wholeText(text: LoadedTree, { command, rest, options, layout }: TreeRequest): PrintedAnswer {
  return { stdout: JSON.stringify({ text, command, rest, options: [...options], layout }), stderr: '', status: 0 };
}

const MAP: TreeRequest = { command: 'map', tree: null, rest: [], options: new Map(), layout: UNLIMITED };

/** A copy of a sample with a store beside it, which answers, and counts how often it read the tree to its end. */
function answeringTree() {
  const directory = temporaryTree({});
  const root = join(directory, 'tree');
  const cache = join(directory, 'cache');
  cpSync(samplePath('load-store-regs'), root, { recursive: true });
  let fresh = 0;
  return {
    root,
    cache,
    freshAnswers: () => fresh,
    fresh: (request: TreeRequest) => wholeText(loadTree(treeAt(root)), request),
    ask: (request: TreeRequest, build = 'this') =>
      keptOrFresh({ request, tree: treeAt(root), store: { records: openStore(cache, 1e7), build } }, (text) => {
        fresh++;
        return Promise.resolve(wholeText(text, request));
      }),
  };
}

function treeAt(root: string) {
  const found = findKernelTree(root);
  if ('missing' in found) throw new Error(found.missing);
  return found.tree;
}

/** What may happen between two questions. */
interface Change {
  readonly what: keyof typeof CHANGES;
  readonly path: string;
  readonly text: string;
  /** Which one of several. */
  readonly number: number;
}

const CHANGES = {
  write: (root: string, { path, text }: Change) => {
    rmSync(join(root, path), { recursive: true, force: true });
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  },
  append: (root: string, { path, text }: Change) => {
    writeFileSync(join(root, path), text, { flag: 'a' });
  },
  remove: (root: string, { path }: Change) => {
    rmSync(join(root, path), { recursive: true, force: true });
  },
  rename: (root: string, { path, text }: Change) => {
    renameSync(join(root, path), join(root, `${path}${text.length}.c`));
  },
  touch: (root: string, { path }: Change) => {
    utimesSync(join(root, path), 0, 0);
  },
  directory: (root: string, { path }: Change) => {
    mkdirSync(join(root, path), { recursive: true });
  },
  link: (root: string, { path, number }: Change) => {
    symlinkSync(['x86.c', '/etc/passwd', 'nowhere.c', '.'][number % 4] ?? '', join(root, path));
  },
} satisfies Record<string, (root: string, change: Change) => void>;

const KVM = 'arch/x86/kvm';

const change = fc.record({
  what: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
  path: fc.constantFrom(
    ...[
      'x86.c',
      'regs.h',
      'vmx/vmx.c',
      'vmx/vmenter.S',
      'svm/svm.c',
      'new.c',
      'new.S',
      'port.asm',
      'notes',
      'Makefile',
      'Kbuild',
    ].map((name) => `${KVM}/${name}`),
    ...[
      'Makefile',
      'virt/kvm/kvm_main.c',
      'arch/x86/include/asm/kvm_host.h',
      'arch/x86/include/asm/own.h',
      'include/linux/own.h',
    ],
  ),
  text: fc.constantFrom(
    '',
    'int a;\n',
    '#include <asm/own.h>\n',
    '#include <linux/own.h>\n',
    '\0',
    '\xff',
    'kvm-y += new.o none.o\n',
    'VERSION = 9\n',
  ),
  number: fc.nat(),
});

/** What may happen to what is kept. */
const damage = fc.record({
  kind: fc.constantFrom('none', 'truncate', 'change', 'exchange', 'remove', 'foreign'),
  number: fc.nat(),
});

function damageRecords(cache: string, kind: string, number: number): void {
  const names = readdirSync(cache).sort();
  const path = join(cache, names[number % names.length] ?? '');
  const text = readFileSync(path, 'utf8');
  if (kind === 'truncate') writeFileSync(path, text.slice(0, number % text.length));
  if (kind === 'change') writeFileSync(path, text.replace(/.$/s, 'x'));
  if (kind === 'exchange') writeFileSync(path, readFileSync(join(cache, names[0] ?? '')));
  if (kind === 'remove') rmSync(path);
  if (kind === 'foreign') writeFileSync(join(cache, 'f'.repeat(64)), text);
}

/** Some changes cannot be made of what is there: then nothing has changed. */
function tryChange(root: string, made: Change): void {
  try {
    CHANGES[made.what](root, made);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

it('gives the answer that a fresh reading gives, whatever happens to the tree and to what is kept', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(change, damage), { minLength: 1, maxLength: 6 }), async (steps) => {
      const { root, cache, ask, fresh } = answeringTree();
      await ask(MAP);
      for (const [made, { kind, number }] of steps) {
        tryChange(root, made);
        damageRecords(cache, kind, number);
        const expected = fresh(MAP);
        expect(await ask(MAP)).toEqual(expected);
        expect(await ask(MAP)).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});

it('reads a tree once for the same question, and again after each change, until it is as it was', async () => {
  const { root, ask, freshAnswers } = answeringTree();
  const path = join(root, KVM, 'x86.c');
  const text = readFileSync(path, 'utf8');
  await ask(MAP);
  await ask(MAP);
  expect(freshAnswers()).toBe(1);
  writeFileSync(path, `${text}\n`);
  await ask(MAP);
  await ask(MAP);
  expect(freshAnswers()).toBe(2);
  writeFileSync(join(root, KVM, 'new.c'), '');
  await ask(MAP);
  expect(freshAnswers()).toBe(3);
  rmSync(join(root, KVM, 'new.c'));
  writeFileSync(path, text);
  await ask(MAP);
  utimesSync(path, 0, 0);
  await ask(MAP);
  expect(freshAnswers()).toBe(3);
});

it.each<[string, Partial<TreeRequest>]>([
  ['command', { command: 'xsave' }],
  ['register', { rest: ['RAX'] }],
  ['option', { options: new Map([['markdown', '']]) }],
  ["option's value", { options: new Map([['backend', 'svm']]) }],
  ['width', { layout: { ...UNLIMITED, width: 80 } }],
  ["places' width", { layout: { ...UNLIMITED, placeWidth: 80 } }],
  ['bold', { layout: { ...UNLIMITED, isBold: true } }],
])('another %s is another question', async (_, other) => {
  const { ask, fresh, freshAnswers } = answeringTree();
  const request = { ...MAP, options: new Map([['backend', 'vmx'] as const]), ...other };
  await ask({ ...MAP, options: new Map([['backend', 'vmx']]) });
  expect(await ask(request)).toEqual(fresh(request));
  expect(freshAnswers()).toBe(2);
});

it('is the same question with options in another order, and as JSON with any layout', async () => {
  const { ask, freshAnswers } = answeringTree();
  await ask({
    ...MAP,
    options: new Map([
      ['backend', 'vmx'],
      ['json', ''],
    ]),
  });
  await ask({
    ...MAP,
    options: new Map([
      ['json', ''],
      ['color', 'never'],
      ['backend', 'vmx'],
    ]),
    layout: { ...UNLIMITED, width: 50 },
  });
  expect(freshAnswers()).toBe(1);
});

it('takes nothing that another build of the program kept', async () => {
  const { ask, freshAnswers } = answeringTree();
  await ask(MAP, 'one');
  await ask(MAP, 'other');
  expect(freshAnswers()).toBe(2);
});

it('keeps an answer that is an error', async () => {
  const { root, cache } = answeringTree();
  const error: PrintedAnswer = { stdout: '', stderr: "kvm-regs: no register 'RXX'\n", status: 2 };
  const question = { request: MAP, tree: treeAt(root), store: { records: openStore(cache, 1e7), build: 'this' } };
  await keptOrFresh(question, () => Promise.resolve(error));
  expect(await keptOrFresh(question, () => Promise.reject(new Error('asked again')))).toEqual(error);
});

it('keeps nothing of a tree that changes while it is read', async () => {
  const { root, cache, ask } = answeringTree();
  await ask(MAP);
  const before = readdirSync(cache).length;
  const question = { request: MAP, tree: treeAt(root), store: { records: openStore(cache, 1e7), build: 'this' } };
  const path = join(root, KVM, 'x86.c');
  writeFileSync(path, 'int a;\n');
  // What is kept is by what was read, not by what is there when the answer is ready.
  await keptOrFresh(question, (text) => {
    writeFileSync(path, 'int b;\n');
    return Promise.resolve(wholeText(text, MAP));
  });
  expect(readdirSync(cache).length).toBe(before + 1);
  expect(await ask(MAP)).toEqual(wholeText(loadTree(treeAt(root)), MAP));
});
