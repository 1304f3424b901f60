import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hover } from 'vscode-languageserver';
import type { Explained, MapAnswer, MapSection, Page } from '../../protocol/protocol.js';
import { run } from '../cli/program.js';
import { testClient, treesRead, uriOf, type Client } from './client.js';
import { expectNothingOfIt } from './expectNothingOfIt.js';
import { sampleCopy } from './sampleTree.js';

const SVM = 'arch/x86/kvm/svm/svm.c';
const XSTATE = 'arch/x86/kvm/x86.c';

/** What would be a link, an image, HTML and a heading if it stood in Markdown or HTML as it is; parts of it end code and attributes. */
const ATTACK = `](command:evil) ![i](http://evil.x/i) [l](http://evil.x/l) <img src=evil.x>'"> \`<a href='evil.x'> http://evil.x www.evil.x`;

/** The same in the conditions of a tree, over the ends of lines, and in the names of its files. */
function hostileTree(): string {
  const root = sampleCopy('load-store-regs');
  const literal = `"${ATTACK.replaceAll('"', '\\"')}\\\n\\\n# evil\\\n\\\n- <b>evil"`;
  const kvm = join(root, 'arch/x86/kvm');
  for (const path of [SVM, XSTATE]) {
    const text = readFileSync(join(root, path), 'utf8');
    writeFileSync(join(root, path), text.replace(/\bif \(/g, `if (strcmp(n, ${literal}) && `));
  }
  const directory = join(kvm, `svm/${ATTACK.replaceAll('/', ' ')}\n# evil`);
  mkdirSync(directory);
  const enter = 'void evil(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RAX] = 1;\n}\n';
  writeFileSync(join(directory, 'evil.c'), enter);
  writeFileSync(join(directory, 'unread.c'), Buffer.from([0x7f, 0, 0, 0xff]));
  return root;
}

async function started(): Promise<{ readonly client: Client; readonly root: string }> {
  const root = hostileTree();
  const client = await testClient({
    folders: [root],
    capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
  });
  await treesRead(client);
  return { client, root };
}

describe("a tree's text", () => {
  it('makes nothing in hovers and what is explained', async () => {
    const { client, root } = await started();
    let told = 0;
    for (const path of [SVM, XSTATE]) {
      const uri = uriOf(join(root, path));
      const lines = readFileSync(join(root, path), 'utf8').split('\n');
      for (const [line, text] of lines.entries()) {
        for (const { index: character } of text.matchAll(/\b(?:VCPU_\w+|kvm_\w+|\w+_run|if|xcr0|xsetbv)\b/g)) {
          const question = { textDocument: { uri }, position: { line, character } };
          const hover = await client.request<Hover | null>('textDocument/hover', question);
          if (!hover) continue;
          const { value } = hover.contents as { value: string };
          expectNothingOfIt(value);
          const explained = await client.request<Explained | null>('kvmRegs/explain', question);
          expectNothingOfIt(explained?.markdown ?? '');
          if (value.includes('evil') || explained?.markdown.includes('evil')) told++;
        }
      }
    }
    expect(told).toBeGreaterThan(5);
  });

  it('makes nothing in pages about the tree', async () => {
    const { client, root } = await started();
    for (const kind of ['xsave', 'check', 'apx']) {
      const page = await client.request<Page>('kvmRegs/treePage', { kind, uri: uriOf(root) });
      expectNothingOfIt(page.markdown);
      if (kind !== 'apx') expect(page.markdown).toContain('evil');
    }
  });

  it('is text in the HTML of the map', async () => {
    const { client, root } = await started();
    const map = await client.request<MapAnswer>('kvmRegs/map', {});
    const section = await client.request<MapSection>('kvmRegs/mapSection', { name: 'RIP' });
    expect(JSON.stringify(section)).toContain('evil');
    for (const html of [JSON.stringify(map), JSON.stringify(section), run(['map', root, '--html']).stdout]) {
      expect(html.match(/<img|<b>evil|<a href='|evil\.x'?"?>/g)).toBeNull();
    }
  });

  it('makes nothing in the Markdown of the command line', () => {
    const root = hostileTree();
    for (const command of ['map', 'xsave']) expectNothingOfIt(run([command, root, '--markdown']).stdout);
  });

  it('stays in its strings in DOT and Mermaid', () => {
    const root = hostileTree();
    const dot = run(['owner', root, 'RIP', '--dot']).stdout;
    expect(dot).toContain('evil');
    expect(dot.replace(/"(?:[^"\\]|\\.)*"/gs, '')).not.toContain('evil');
    const mermaid = run(['owner', root, 'RIP', '--mermaid']).stdout;
    expect(mermaid).toContain('evil');
    for (const line of mermaid.trimEnd().split('\n').slice(1)) {
      expect(line.replace(/"[^"]*"/g, '""')).toMatch(
        /^ {2,}(?:subgraph \w+\[""\]|end|\w+\[""\]|\w+ (?:-->|-\.->)\|""\| \w+|direction \w+)$/,
      );
      expect(line.replaceAll('<br>', '')).not.toMatch(/["`]`|<(?!br>)/);
    }
  });
});
