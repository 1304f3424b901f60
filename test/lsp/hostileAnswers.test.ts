import { Buffer } from 'node:buffer';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CodeLens, Diagnostic, Hover, PublishDiagnosticsParams } from 'vscode-languageserver';
import type { Explained, MapAnswer, MapRun, MapSection, Page } from '../../protocol/protocol.js';
import { hostileText } from '../hostileText.js';
import { positionOf, testClient, treesRead, until, uriOf, type Client } from './client.js';
import { expectNothingOfIt } from './expectNothingOfIt.js';
import { sampleCopy } from './sampleTree.js';

const KVM = 'arch/x86/kvm';
const SVM = `${KVM}/svm/svm.c`;

/** Controls and marks of direction: what may not be in a label, which is one line of text. */
const UNPRINTABLE = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;

/** Names of answers' members that no label is made of: addresses, and what is given back or put into a file. */
const AS_IT_IS = new Set(['uri', 'newText', 'changes', 'data', 'href', 'root', 'arguments']);

/** Something for each reader: links, an image, HTML, a heading, a terminal's commands, another direction. */
const WORST = '](command:x) ![i](http://x.y) <img src="x"> `<a href=x> $(x)\n# evil\n\u001b[31m\u202e\u2028';

/** A string literal of C that holds a text. */
function literal(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/\r?\n|\r/g, '\\\n')}"`;
}

/** Bytes that a name may have on any file system: eCryptfs takes 143, most others 255. */
const LONGEST_NAME = 120;

/** A name of a directory that holds the beginning of a text. */
function directoryName(text: string): string {
  const name = Buffer.from(`x${text.replaceAll('/', ' ').replaceAll('\0', ' ')}`);
  // A character that is cut in two becomes one that says so.
  return name.subarray(0, LONGEST_NAME).toString();
}

describe("a tree's text in every answer of the server", () => {
  it('makes no link, image, heading or HTML, and no label of several lines', async () => {
    const root = sampleCopy('load-store-regs');
    const client = await testClient({
      folders: [root],
      capabilities: {
        textDocument: {
          hover: { contentFormat: ['markdown'] },
          publishDiagnostics: { relatedInformation: true },
        },
      },
      options: { settings: { inlayHints: { enable: true }, check: { apxReadiness: 'on' } } },
    });
    await treesRead(client);
    const clean = readFileSync(join(root, SVM), 'utf8');
    const uri = uriOf(join(root, SVM));
    const known = elementsIn(await pagesOf(client));
    let told = 0;
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (inLiteral, inName) => {
        const directory = join(root, KVM, 'svm', directoryName(inName));
        mkdirSync(directory, { recursive: true });
        const other = uriOf(join(directory, 'evil.c'));
        const text = clean.replace(/\bif \(/g, `if (strcmp(evil, ${literal(inLiteral)}) && `);
        client.open(uri, text);
        client.open(other, 'void evil(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = 1;\n}\n');
        const { markdown, plain } = await answersOf(client, { uri, text, other });
        markdown.forEach(expectNothingOfIt);
        for (const label of labelsIn(plain)) expect(label).not.toMatch(UNPRINTABLE);
        expect([...elementsIn(await pagesOf(client))].filter((element) => !known.has(element))).toEqual([]);
        if (markdown.some((one) => one.includes('evil'))) told++;
        client.close(uri);
        client.close(other);
      }),
      { numRuns: 8, endOnFailure: true, examples: [[WORST, WORST]] },
    );
    expect(told).toBeGreaterThan(0);
  });
});

/** What is asked about: a document with its text, and another one. */
interface Asked {
  readonly uri: string;
  readonly text: string;
  readonly other: string;
}

/** What the server says of the documents and of the tree: texts in Markdown, and answers whose strings are labels. */
async function answersOf(
  client: Client,
  { uri, text, other }: Asked,
): Promise<{ markdown: string[]; plain: unknown[] }> {
  const markdown: string[] = [];
  const plain: unknown[] = [];
  const places = ['VCPU_REGS_RSP', 'VCPU_REGS_RAX', 'svm_vcpu_run', 'npt_enabled', 'strcmp'];
  for (const place of places) {
    const question = { textDocument: { uri }, position: positionOf(text, place) };
    const hover = await client.request<Hover | null>('textDocument/hover', question);
    if (hover) markdown.push((hover.contents as { value: string }).value);
    const explained = await client.request<Explained | null>('kvmRegs/explain', question);
    if (explained) markdown.push(explained.markdown);
    plain.push(await client.request('kvmRegs/owners', question));
    for (const kind of ['owners', 'references'])
      plain.push(await client.request('kvmRegs/registerPlaces', { ...question, kind }));
  }
  for (const kind of ['xsave', 'check', 'apx'])
    markdown.push((await client.request<Page>('kvmRegs/treePage', { kind, uri })).markdown);
  for (const document of [uri, other, uri.replace('svm.c', 'vmenter.S'), uri.replace('svm/svm.c', 'regs.h')]) {
    const question = { textDocument: { uri: document } };
    const lenses = await client.request<CodeLens[] | null>('textDocument/codeLens', question);
    for (const lens of lenses ?? []) plain.push(await client.request('codeLens/resolve', lens));
    const range = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };
    plain.push(await client.request('textDocument/inlayHint', { ...question, range }));
    plain.push(await client.request('textDocument/documentSymbol', question));
    const diagnostics = await publishedFor(client, document);
    plain.push(diagnostics);
    plain.push(await client.request('textDocument/codeAction', { ...question, range, context: { diagnostics } }));
  }
  plain.push(await client.request('workspace/symbol', { query: 'evil' }));
  plain.push(await client.request('kvmRegs/registers', {}));
  plain.push(await client.request('kvmRegs/registerUses', { name: 'RSP', backend: 'svm' }));
  plain.push(client.said.filter(({ method }) => method === 'kvmRegs/status').at(-1)?.params);
  return { markdown, plain };
}

/** The last diagnostics of a document; none where none were published. */
async function publishedFor(client: Client, uri: string): Promise<readonly Diagnostic[]> {
  const published = () =>
    client.said.flatMap(({ method, params }) =>
      method === 'textDocument/publishDiagnostics' ? [params as PublishDiagnosticsParams] : [],
    );
  await until(() => published().length > 0, 'diagnostics');
  return published().findLast((one) => one.uri === uri)?.diagnostics ?? [];
}

/** Every string of an answer that is shown as a label. */
function labelsIn(answer: unknown): string[] {
  if (typeof answer === 'string') return [answer];
  if (Array.isArray(answer)) return answer.flatMap(labelsIn);
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([name, value]) => (AS_IT_IS.has(name) ? [] : labelsIn(value)));
}

/** The register map's HTML. */
async function pagesOf(client: Client): Promise<string> {
  const { head, body } = await client.request<MapAnswer>('kvmRegs/map', {});
  const parts = [head, body];
  for (const name of ['RAX', 'RSP', 'RIP', 'CR0', 'CR3', 'RFLAGS'])
    parts.push((await client.request<MapSection>('kvmRegs/mapSection', { name })).section);
  for (const backend of ['vmx', 'svm']) parts.push((await client.request<MapRun>('kvmRegs/mapRun', { backend })).steps);
  return parts.join('\n');
}

/** Each element of HTML with the names of its attributes, and what stands between elements where it isn't text. */
function elementsIn(page: string): Set<string> {
  const element = /<(\/?[a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*\/?>/gi;
  const found = [...page.matchAll(element)].flatMap(([, name = '', attributes = '']) => [
    name,
    ...[...attributes.matchAll(/([\w:-]+)(?:="[^"]*")?/g)].map(([, attribute = '']) => `${name} ${attribute}`),
  ]);
  const between = page.replace(element, '').match(/<.{0,20}/g) ?? [];
  return new Set([...found, ...between]);
}
