import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FunctionFacts } from '../../server/src/facts/functionFacts.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { treeReading, type TreeText } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { countingParser } from '../parsingWork.js';
import { sampleNames, samplePath } from '../samples.js';

/*
 * How much work it is to read a tree, and to read it again after an edit, in numbers that are the same on every machine. Times
 * say whether that work is quick (`npm run bench`); these say that no more of it is done than before. Where they become less, the
 * files change with the code: `npm test -- -u test/kernels/readingWork.test.ts`.
 */

describeKernels('the work of reading', ({ version, root }) => {
  it('is what it was', async () => {
    await expect(await workText(root)).toMatchFileSnapshot(snapshotOf(`linux-${version}`));
  });
});

describe.each(sampleNames())('the work of reading %s', (name) => {
  it('is what it was', async () => {
    await expect(await workText(samplePath(name))).toMatchFileSnapshot(snapshotOf(name));
  });
});

function snapshotOf(name: string): string {
  return fileURLToPath(new URL(`readingWork/${name}.txt`, import.meta.url));
}

/** What is done between two readings: the largest C file's new text, by its old one and the model of it. */
const EDITS: readonly (readonly [title: string, edit: (text: string, path: string, model: RegisterModel) => string])[] =
  [
    ['again', (text) => text],
    ['a line above all', (text) => `\n${text}`],
    ['a function below all', (text) => `${text}\nstatic int added_function(int a)\n{\n\treturn a;\n}\n`],
    [
      'a statement in a function that moves a register',
      (text, path, model) => withStatement(text, movingFunction(path, model)),
    ],
    ['a macro above all', (text) => `#define ADDED_MACRO 1\n${text}`],
    ['another body of the macro that most functions name', withAnotherMacro],
  ];

/** Adds 0 to the macro of a file that most of its functions name. */
function withAnotherMacro(text: string, path: string, { files }: RegisterModel): string {
  const functions = files.get(path)?.facts?.functions ?? [];
  const macros = Array.from(text.matchAll(/^#define (\w+)\b(?:.*\\\n)*.*$/gm), ({ 0: whole, 1: name = '', index }) => ({
    end: index + whole.length,
    uses: functions.filter(({ facts }) => facts.words.has(name)).length,
  }));
  const [most] = macros.sort((a, b) => b.uses - a.uses || a.end - b.end);
  return most ? `${text.slice(0, most.end)} + 0${text.slice(most.end)}` : text;
}

/** A table: a row for each reading. */
async function workText(root: string): Promise<string> {
  const { c, work } = countingParser(await parser());
  const read = treeReading(c);
  let text: TreeText = treeAt(root);
  let model = read(text);
  const path = largestFile(text);
  let functions = functionsOf(model);
  const { pieces, characters, nodes } = work();
  const rows = [[text.files.length, sizeOf(text.files), pieces, characters, nodes, functions.size, 'first']];
  for (const [title, edit] of EDITS) {
    const files = text.files.map((file) => (file.path === path ? { path, text: edit(file.text, path, model) } : file));
    const edited = files.filter((file, i) => file.text !== text.files[i]?.text);
    text = { ...text, files };
    const before = work();
    model = read(text);
    const after = work();
    const known = functions;
    functions = functionsOf(model);
    const made = [...functions].filter((facts) => !known.has(facts)).length;
    rows.push([
      edited.length,
      sizeOf(edited),
      after.pieces - before.pieces,
      after.characters - before.characters,
      after.nodes - before.nodes,
      made,
      title,
    ]);
  }
  const heads = ['files', 'characters', 'pieces', 'of characters', 'nodes', 'functions', `edit of ${path}`];
  return [heads, ...rows].map(rowText).join('');
}

function rowText(cells: readonly (string | number)[]): string {
  const numbers = cells.slice(0, -1).map((cell) => String(cell).padStart(14));
  return `${numbers.join('')}  ${String(cells.at(-1))}\n`;
}

function sizeOf(files: TreeText['files']): number {
  return files.reduce((sum, { text }) => sum + text.length, 0);
}

/** The largest C file: an edit in it costs most. */
function largestFile({ files }: TreeText): string {
  const [largest] = files.filter(({ path }) => path.endsWith('.c')).sort((a, b) => b.text.length - a.text.length);
  return largest?.path ?? '';
}

/** The facts of all functions of a tree. Facts that are not made again stay the same object. */
function functionsOf({ files }: RegisterModel): ReadonlySet<FunctionFacts> {
  return new Set([...files.values()].flatMap(({ facts }) => facts?.functions.map((fn) => fn.facts) ?? []));
}

/** Where the first function of a file begins that moves a register. */
function movingFunction(path: string, { files }: RegisterModel): number {
  return files.get(path)?.facts?.functions.find(({ facts }) => facts.references.length > 0)?.start ?? 0;
}

function withStatement(text: string, start: number): string {
  const body = text.indexOf('{', start) + 1;
  return `${text.slice(0, body)}\n\t;${text.slice(body)}`;
}
