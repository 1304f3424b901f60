import { join } from 'node:path';
import type { Hover, Location, PositionEncodingKind } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { testClient, treesRead, uriOf } from './client.js';
import { textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const sample = samplePath('load-store-regs');
const CPUID = 'arch/x86/kvm/cpuid.c';
const uri = uriOf(join(sample, CPUID));
/** A line with a comment of characters of one to four bytes before its register. */
const LINE = '\t/* Größe 名 😀 */ kvm_rsp_write(vcpu, 0);';
const before = textOf(sample, CPUID);
const text = `${before}void use_rsp(struct kvm_vcpu *vcpu)\n{\n${LINE}\n}\n`;
const line = text.split('\n').indexOf(LINE);
const [inUnits, inBytes] = [LINE.indexOf('kvm_rsp'), Buffer.byteLength(LINE.slice(0, LINE.indexOf('kvm_rsp')))];

describe('positions are counted', () => {
  it.each<[string, PositionEncodingKind[] | undefined, PositionEncodingKind, number]>([
    ['in UTF-8 where the client offers it first', ['utf-8', 'utf-16'], 'utf-8', inBytes],
    ['in UTF-16 where the client offers that first', ['utf-16', 'utf-8'], 'utf-16', inUnits],
    ['in UTF-16 where the client offers none', undefined, 'utf-16', inUnits],
  ])('%s', async (_, positionEncodings, encoding, column) => {
    const client = await testClient({
      folders: [sample],
      capabilities: positionEncodings ? { general: { positionEncodings } } : {},
    });
    expect(client.initialized.capabilities.positionEncoding).toBe(encoding);
    client.open(uri, text);
    const at = (character: number) => ({ textDocument: { uri }, position: { line, character } });
    const range = (start: number, length: number) => ({
      start: { line, character: start },
      end: { line, character: start + length },
    });
    const found = await client.request<Location[]>('textDocument/references', {
      ...at(column),
      context: { includeDeclaration: true },
    });
    await treesRead(client);
    const word = 'kvm_rsp_write'.length;
    expect(found.filter((location) => location.uri === uri)).toEqual([{ uri, range: range(column, word) }]);
    expect(await client.request<Hover>('textDocument/hover', at(column))).toMatchObject({ range: range(column, word) });
    expect(await client.request('textDocument/references', at(column - 2))).toBeNull();
  });

  it('in edits as well', async () => {
    const client = await testClient({ folders: [sample] });
    client.open(uri, text);
    const start = inUnits + 'kvm_'.length;
    client.change(uri, { start: { line, character: start }, end: { line, character: start + 'rsp'.length } }, 'eax');
    const place = { textDocument: { uri }, position: { line, character: inUnits } };
    expect(await client.request('kvmRegs/explain', place)).toMatchObject({
      title: 'RAX',
      text: expect.stringMatching(/^RAX, low 32 bits: written/) as string,
    });
  });
});
