import { join } from 'node:path';
import type { CodeLens, DocumentHighlight, Hover, Location, SymbolInformation } from 'vscode-languageserver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keeping } from '../keeping.js';
import { describeKernels } from '../kernels.js';
import { positionOf, startClient, uriOf, type Client } from './client.js';
import { textOf } from './sampleTree.js';

const X86 = 'arch/x86/kvm/x86.c';
const COMPONENTS = 'arch/x86/include/asm/fpu/types.h';

describeKernels('XSAVE state over the wire', ({ root }) => {
  const at = (file: string, pattern: string, after: number) => ({
    textDocument: { uri: uriOf(join(root, file)) },
    position: positionOf(textOf(root, file), pattern, after),
  });
  const pkru = at(X86, 'vcpu->arch.pkru = rdpkru()', 'vcpu->arch.'.length);
  let client: Client;

  beforeAll(async () => {
    client = await startClient({ folders: [root], environment: keeping() });
  });
  afterAll(() => client.end());

  describe('a state', () => {
    it('has a hover, and a place that moves it as its owner', async () => {
      const hover = await client.request<Hover>('textDocument/hover', pkru);
      expect((hover.contents as { value: string }).value).toMatch(/^PKRU \(XSAVE component 9\)/);
      const owners = await client.request<Location[]>('textDocument/implementation', pkru);
      expect(tokensAt(owners, root)).toContainEqual(expect.stringMatching(/^vcpu->arch\.pkru = rdpkru/));
      expect(tokensAt(owners, root)).toContainEqual(expect.stringMatching(/^(?:__)?wr(?:ite_)?pkru\(vcpu->arch\.pkru/));
    });

    it('has references: its component, its mask, what keeps it, what switches it; nothing of another', async () => {
      const found = tokensAt(await client.request<Location[]>('textDocument/references', pkru), root);
      for (const word of ['XFEATURE_PKRU,', 'XFEATURE_MASK_PKRU', 'pkru', 'host_pkru'])
        expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${word}`)));
      for (const text of found) expect(text).toMatch(/pkru|fpu_copy|kvm_vcpu_ioctl|sev_es/i);
    });

    it('is highlighted in its file, and a component is found by name', async () => {
      const highlights = await client.request<DocumentHighlight[]>('textDocument/documentHighlight', pkru);
      expect(highlights.map(({ range }) => range.start.line)).toContain(pkru.position.line);
      const symbols = await client.request<SymbolInformation[]>('workspace/symbol', { query: 'xfeature_pkru' });
      expect(symbols.map(({ name }) => name)).toEqual(['XFEATURE_PKRU']);
      const declared = await client.request<Location[]>('textDocument/declaration', pkru);
      expect(tokensAt(declared, root)).toEqual([expect.stringMatching(/^XFEATURE_PKRU,/)]);
    });
  });

  it('has lenses, each with a place that it leads to', async () => {
    const titles = async (file: string) => {
      const uri = uriOf(join(root, file));
      const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
      return lenses.map(({ data }) => data as { title: string; locations: Location[] });
    };
    const components = await titles(COMPONENTS);
    expect(components.map(({ title }) => title)).toContainEqual(
      expect.stringMatching(/^component 9 · PKRU · guests may enable it · \d+ refs$/),
    );
    const switches = await titles(X86);
    expect(switches.map(({ title }) => title)).toContainEqual(
      expect.stringMatching(/^XCR0 IA32_XSS.*: guest's loaded before VM-entry/),
    );
    for (const { locations } of [...components, ...switches]) expect(locations.length).toBeGreaterThan(0);
    for (const { title } of [...components, ...switches]) expect(title.length).toBeLessThan(150);
  });
});

/** The text from each location on, to the line's end. */
function tokensAt(locations: readonly Location[], root: string): string[] {
  return locations.map(({ uri, range }) => {
    const text = textOf(root, decodeURIComponent(uri.slice(uriOf(root).length + 1)));
    return (text.split('\n')[range.start.line] ?? '').slice(range.start.character);
  });
}
