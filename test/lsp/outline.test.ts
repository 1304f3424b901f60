import { join } from 'node:path';
import type { DocumentSymbol, FoldingRange, SymbolInformation } from 'vscode-languageserver';
import { describe, expect, it } from 'vitest';
import { samplePath } from '../samples.js';
import { testClient, uriOf } from './client.js';
import { KVM_HOST, textOf } from './sampleTree.js';

const sample = samplePath('load-store-regs');
const SWITCH = 'arch/x86/kvm/vmx/vmenter.S';

async function symbolsOf(file: string): Promise<DocumentSymbol[] | null> {
  const client = await testClient({ folders: [sample] });
  const textDocument = { uri: uriOf(join(sample, file)) };
  client.open(textDocument.uri);
  return client.request<DocumentSymbol[] | null>('textDocument/documentSymbol', { textDocument });
}

describe('outlines', () => {
  it('of assembly have its functions', async () => {
    const symbols = await symbolsOf(SWITCH);
    const run = symbols?.find(({ name }) => name === '__vmx_vcpu_run');
    const lines = textOf(sample, SWITCH).split('\n');
    expect(lines[run?.selectionRange.start.line ?? 0]).toBe('SYM_FUNC_START(__vmx_vcpu_run)');
    expect(lines[run?.range.end.line ?? 0]).toBe('SYM_FUNC_END(__vmx_vcpu_run)');
  });

  it('of a header have its registers; those of other C are left to others', async () => {
    const symbols = await symbolsOf(KVM_HOST);
    expect(symbols).toContainEqual(expect.objectContaining({ name: 'VCPU_REGS_RSP', detail: 'RSP' }));
    const lines = symbols?.map(({ range }) => range.start.line) ?? [];
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect(await symbolsOf('arch/x86/kvm/vmx/vmx.c')).toBeNull();
  });
});

it('assembly folds at its functions, and C is left to others', async () => {
  const client = await testClient({ folders: [sample] });
  const foldsOf = (file: string) => {
    const textDocument = { uri: uriOf(join(sample, file)) };
    return client.request<FoldingRange[] | null>('textDocument/foldingRange', { textDocument });
  };
  const lines = textOf(sample, SWITCH).split('\n');
  const folds = await foldsOf(SWITCH);
  const first = lines.indexOf('SYM_FUNC_START(__vmx_vcpu_run)');
  expect(folds).toContainEqual({ startLine: first, endLine: lines.indexOf('SYM_FUNC_END(__vmx_vcpu_run)') - 1 });
  expect(await foldsOf('arch/x86/kvm/vmx/vmx.c')).toBeNull();
});

describe('symbols of the workspace', () => {
  const found = async (query: string) => {
    const client = await testClient({ folders: [sample] });
    const symbols = await client.request<SymbolInformation[]>('workspace/symbol', { query });
    return symbols.map(({ name, location }) => `${name} ${location.uri.slice(uriOf(sample).length + 1)}`);
  };

  it.each([
    ['vmx_cache_reg', 'vmx_cache_reg arch/x86/kvm/vmx/vmx.c'],
    ['__vmx_vcpu_run', '__vmx_vcpu_run arch/x86/kvm/vmx/vmenter.S'],
    ['r20', 'R20 arch/x86/include/asm/fpu/types.h'],
    ['RSP', 'RSP arch/x86/include/asm/kvm_host.h'],
    ['lazy_load_set', 'VMX_REGS_LAZY_LOAD_SET arch/x86/kvm/vmx/vmx.h'],
  ])('%s is found', async (query, expected) => {
    expect(await found(query)).toContain(expected);
  });
});
