import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { CodeLens } from 'vscode-languageserver';
import { picked } from '../fuzz/picked.js';
import { mutated, mutations, type Mutation } from '../fuzz/tokenMutations.js';
import { positionAt, uriOf, type Client } from './client.js';
import { textOf } from './sampleTree.js';

/** The files that are edited, where a tree has them. */
const FILES = ['vmx/vmx.c', 'svm/svm.c', 'vmx/vmenter.S', 'regs.h', 'kvm_cache_regs.h', 'x86.c'].map(
  (name) => `arch/x86/kvm/${name}`,
);

/** How often a document is asked about, all over it. */
const PLACES = 12;

/** What is done to a document: it becomes another one, or what is on the disk, typed piece by piece. */
interface TypedEdit {
  /** A number of any size that picks a file. */
  readonly file: number;
  readonly changes: readonly Mutation[] | null;
  /** Characters that come at once. */
  readonly piece: number;
  /** Whether what is asked meanwhile is cancelled. */
  readonly isImpatient: boolean;
}

const typedEdit: fc.Arbitrary<TypedEdit> = fc.record({
  file: fc.nat(1000),
  changes: fc.option(mutations, { freq: 4 }),
  piece: fc.integer({ min: 1, max: 40 }),
  isImpatient: fc.boolean(),
});

/** Somebody types in some files. */
export const session: fc.Arbitrary<readonly TypedEdit[]> = fc.array(typedEdit, { minLength: 1, maxLength: 5 });

/** Replays a session in a client's documents, asking while it types; gives each document's last text by its path. */
export function replay(client: Client, root: string, edits: readonly TypedEdit[]): Map<string, string> {
  const texts = new Map<string, string>();
  const files = FILES.filter((path) => existsSync(join(root, path)));
  for (const { file, changes, piece, isImpatient } of edits) {
    const path = picked(files, file);
    const saved = textOf(root, path);
    const uri = uriOf(join(root, path));
    const before = texts.get(path) ?? saved;
    if (!texts.has(path)) client.open(uri, before);
    const after = changes === null ? saved : mutated(before, changes, saved);
    for (const { start, end, by, text } of typed(before, after, piece)) {
      client.change(uri, { start: positionAt(text, start), end: positionAt(text, end) }, by);
      askWithoutWaiting(client, uri, isImpatient);
    }
    texts.set(path, after);
  }
  return texts;
}

/** A change of a text that was `text` before it. */
interface Keystroke {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** How one text is made of another: what is in the way goes, then what is new comes in pieces. */
function* typed(before: string, after: string, piece: number): Generator<Keystroke> {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - same;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const end = before.length - tail;
  if (end > same) yield { text: before, start: same, end, by: '' };
  const added = after.slice(same, after.length - tail);
  let text = before.slice(0, same) + before.slice(end);
  const size = Math.max(piece, Math.ceil(added.length / PLACES));
  for (let at = 0; at < added.length; at += size) {
    const by = added.slice(at, at + size);
    yield { text, start: same + at, end: same + at, by };
    text = text.slice(0, same + at) + by + text.slice(same + at);
  }
}

/** What an editor asks after each key. Nobody looks at the answers, which may be of any moment, or be cancelled. */
function askWithoutWaiting(client: Client, uri: string, isImpatient: boolean): void {
  const question = { textDocument: { uri }, position: { line: 20, character: 2 } };
  for (const method of ['textDocument/codeLens', 'textDocument/hover', 'textDocument/documentSymbol']) {
    const source = new CancellationTokenSource();
    client.request(method, question, source.token).catch(() => undefined);
    if (isImpatient) source.cancel();
  }
}

/** What a server says of documents and their tree. */
export async function answersAbout(client: Client, root: string, texts: ReadonlyMap<string, string>): Promise<unknown> {
  await client.request('workspace/symbol', { query: 'of no symbol' }); // no hover is an early one then
  const answers: unknown[] = [];
  for (const [path, text] of texts) {
    const textDocument = { uri: uriOf(join(root, path)) };
    const lenses = await client.request<CodeLens[] | null>('textDocument/codeLens', { textDocument });
    answers.push(await Promise.all((lenses ?? []).map((lens) => client.request('codeLens/resolve', lens))));
    for (const method of ['documentSymbol', 'foldingRange'])
      answers.push(await client.request(`textDocument/${method}`, { textDocument }));
    for (const offset of askedOffsets(text)) {
      const question = { textDocument, position: positionAt(text, offset) };
      const [hover, owners] = await Promise.all([
        client.request('textDocument/hover', question),
        client.request('kvmRegs/owners', question),
      ]);
      answers.push({ path, offset, hover, owners });
    }
  }
  for (const kind of ['xsave', 'check'])
    answers.push({ kind, page: await client.request('kvmRegs/treePage', { kind, uri: uriOf(root) }) });
  answers.push(await client.request('kvmRegs/map', {}));
  return answers;
}

/** Where words with a register's name, and some others, begin. */
function askedOffsets(text: string): number[] {
  const words = [...text.matchAll(/\b(?:VCPU_|kvm_|vmcs_|GUEST_|_ASM_|save)\w*/g)].map(({ index }) => index);
  const step = Math.max(1, Math.floor(words.length / PLACES));
  return words.filter((_, i) => i % step === 0);
}
