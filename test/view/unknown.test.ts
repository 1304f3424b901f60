import { expect, it } from 'vitest';
import { mapView } from '../../server/src/view/mapView.js';
import { mapTable } from '../../server/src/view/html/mapTable.js';
import { registerSection } from '../../server/src/view/html/registerSection.js';
import { provenanceGraph } from '../../server/src/view/provenance.js';
import { mermaidText } from '../../server/src/view/provenanceText.js';
import { timelines } from '../../server/src/view/timeline.js';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const VMENTER = 'arch/x86/kvm/vmx/vmenter.S';

/** The sample whose VMX world switch has a macro that nothing defines, in the place of RCX's store. */
async function doubtfulModel() {
  const tree = treeAt(samplePath('load-store-regs'));
  const files = tree.files.map((file) => {
    if (file.path !== VMENTER) return file;
    const text = file.text.replace(
      /\tSTORE_REGS (%_ASM_DI, VMX_vcpu_arch_regs, \\\n\s*%_ASM_AX), %_ASM_CX/,
      '\tFILL_FOO %_ASM_DI\n\tSTORE_REGS $1',
    );
    expect(text).not.toBe(file.text);
    return { ...file, text };
  });
  return readTree(await parser(), { ...tree, files });
}

it('draws what is not known as such, in the map, in the graph and in the run, and nothing else', async () => {
  const model = await doubtfulModel();
  const view = mapView(model);
  const row = view.groups.flatMap(({ rows }) => rows).find(({ register }) => register === 'RCX');
  const [vmx, svm] = row?.cells ?? [];
  if (!row || !vmx || !svm) throw new Error('no RCX');
  const reason = 'FILL_FOO at vmx/vmenter.S:66 is not understood';
  const graph = provenanceGraph('RCX', vmx);
  expect(graph.edges.map(({ side, unknown, transfers }) => [side, unknown?.text ?? null, transfers.length])).toEqual([
    ['entry', null, 1],
    ['exit', reason, 0],
  ]);
  expect(graph.nodes.map(({ side, isUnknown }) => [side, isUnknown])).toEqual([
    ['before', false],
    ['running', false],
    ['after', true],
  ]);
  expect(mermaidText([graph], (name) => name)).toContain(`-.->|"${reason}`);
  expect(provenanceGraph('RCX', svm).nodes.some(({ isUnknown }) => isUnknown)).toBe(false);
  expect(mapTable(view).markup.match(/one way not known/g)).toHaveLength(1);
  expect(registerSection(row, view.backends, () => null).markup).toContain('class="edge exit open"');
  expect(timelines(model, 'vmx')[0]?.unknown).toEqual([
    { registers: ['RCX'], text: reason, evidence: { file: VMENTER, line: 66 } },
  ]);
});

it('writes what a tree says as text, never as HTML', async () => {
  const view = mapView(await doubtfulModel());
  const [row] = view.groups.flatMap(({ rows }) => rows);
  if (!row) throw new Error('no register');
  const named = { ...row, storage: '<img src=x onerror="alert(1)">' };
  const { markup } = registerSection(named, view.backends, () => '"><script>');
  expect(markup).not.toMatch(/<img|<script/);
  expect(markup).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
});
