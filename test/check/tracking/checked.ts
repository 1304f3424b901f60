import { expect } from 'vitest';
import { checkTree } from '../../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../../server/src/check/tracking/trackingRules.js';
import type { RegisterModel } from '../../../server/src/model/registerModel.js';
import { treeReading, type TreeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { locationAt } from '../../../server/src/syntax/text/sourceText.js';
import { parser, treeAt } from '../../engine.js';
import { changedTree, changeOf, type Change } from '../../kernels/treeChanges.js';
import { samplePath } from '../../samples.js';

/** Files of the sample that fixtures are put into: VMX's code, code of nested VMX, SVM's, and what all backends share. */
export const VMX = 'arch/x86/kvm/vmx/vmx.c';
export const NESTED = 'arch/x86/kvm/vmx/nested.c';
export const SVM = 'arch/x86/kvm/svm/svm.c';
export const COMMON = 'arch/x86/kvm/x86.c';

/** A finding as tests look at it. */
export interface Found {
  /** Without the family. */
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly message: string;
  /** `FILE:LINE what it shows`. */
  readonly related: readonly string[];
}

/** What the tracking rules find in a model. */
export function found(model: RegisterModel): Found[] {
  const at = (file: string, offset: number) => {
    const source = model.files.get(file)?.source;
    if (!source) throw new Error(`a finding in no file: ${file}`);
    return locationAt(source, offset);
  };
  return checkTree(model, TRACKING_RULES).map(({ rule, file, span, message, related }) => {
    const { line, column } = at(file, span.start);
    const text = model.files.get(file)?.source.text.slice(span.start, span.end) ?? '';
    const places = related.map(
      (place) => `${place.file}:${String(at(place.file, place.span.start).line)} ${place.message}`,
    );
    return { rule: rule.replace('tracking/', ''), file, line, column, text, message, related: places };
  });
}

/**
 * What is found in a sample tree, that of the 7.x era if none is named, with `code` at the end of a file, and what its marks say:
 * comments such as `!stale-read`.
 */
export async function checkedCode(
  code: string,
  path = VMX,
  sample?: string,
): Promise<{ said: string[]; marked: string[] }> {
  const tree = sampleTree(sample);
  const files = tree.files.map((file) => (file.path === path ? { ...file, text: `${file.text}\n${code}` } : file));
  const model = await reading({ ...tree, files });
  const source = model.files.get(path)?.source;
  const place = (at: { file: string; line: number; column: number }, rule: string) =>
    `${at.file}:${String(at.line)}:${String(at.column)} ${rule}`;
  return {
    said: found(model).map((one) => place(one, one.rule)),
    marked: [...(source?.text ?? '').matchAll(/\/\*!([\w-]+)\*\//g)].map(({ 0: mark, 1: rule = '', index }) =>
      place(source ? locationAt(source, index + mark.length) : { file: path, line: 0, column: 0 }, rule),
    ),
  };
}

/** Expects of `code` in a file that just its marks are found. */
export async function expectMarked(code: string, path?: string, sample?: string): Promise<void> {
  const { said, marked } = await checkedCode(code, path, sample);
  expect(said).toEqual(marked);
  expect(said.length > 0).toBe(code.includes('/*!'));
}

/** A change of one place: in a function that begins so, what is replaced, and by what. */
export type Edit = readonly [within: RegExp | null, find: RegExp, put?: string];

/** What is found in a sample tree with some places changed. */
export async function checkedEdits(edits: readonly Edit[], sample?: string): Promise<Found[]> {
  return found(await editedModel(edits, sample));
}

/** The model of a sample tree with some places changed. */
export async function editedModel(edits: readonly Edit[], sample = 'load-store-regs'): Promise<RegisterModel> {
  const tree = sampleTree(sample);
  const changes = edits.map((edit): Change => changeOf(tree, ...edit));
  return reading(changedTree(tree, changes));
}

/** A fix that is offered for the one finding of a changed tree: its title, the lines that it adds, and what is found behind it. */
interface Mended {
  readonly title: string;
  readonly added: readonly string[];
  readonly found: readonly Found[];
}

/** The fixes for what is found in a sample tree with some places changed. */
export async function fixesOf(edits: readonly Edit[], sample?: string): Promise<Mended[]> {
  const tree = sampleTree(sample);
  const changed = changedTree(
    tree,
    edits.map((edit): Change => changeOf(tree, ...edit)),
  );
  const model = await reading(changed);
  const fixes = checkTree(model, TRACKING_RULES).flatMap(
    (one) => TRACKING_RULES.find(({ id }) => id === one.rule)?.fixes?.(model, one) ?? [],
  );
  const mended: Mended[] = [];
  for (const { title, edits: all } of fixes) {
    const files = changed.files.map((file) => {
      const own = all.filter((edit) => edit.file === file.path).sort((a, b) => b.span.start - a.span.start);
      const put = (text: string, { span, text: by }: (typeof own)[number]) =>
        text.slice(0, span.start) + by + text.slice(span.end);
      return { ...file, text: own.reduce(put, file.text) };
    });
    mended.push({
      title,
      added: all.map(({ text }) => text.trim()),
      found: found(await reading({ ...changed, files })),
    });
  }
  return mended;
}

let read: TreeReading | null = null;

/** Reads a tree, remembering the files that it has seen. */
async function reading(tree: TreeText): Promise<RegisterModel> {
  read ??= treeReading(await parser());
  return read(tree);
}

/** A sample tree's text. */
export function sampleTree(sample = 'load-store-regs'): TreeText {
  return treeAt(samplePath(sample));
}
