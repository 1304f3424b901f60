import { expect, it } from 'vitest';
import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { changedTree, changeOf } from '../kernels/treeChanges.js';
import { samplePath } from '../samples.js';

/** The conditions of R20's stores in the sample of the series, where its run flag is set under another one. */
async function conditionsWith(setter: string): Promise<string[]> {
  const tree = treeAt(samplePath('apx-series'));
  const change = changeOf(
    tree,
    /^static unsigned int __vmx_vcpu_enter_flags\(/,
    /if \(vmx->vcpu\.arch\.xcr0 & XFEATURE_MASK_APX\)/,
    setter,
  );
  const { registers } = readTree(await parser(), changedTree(tree, [change]));
  const vmx = registers.find(({ register }) => register === 'R20')?.owners.find(({ backend }) => backend === 'vmx');
  return vmx?.load[0]?.conditions.map(shownGuard) ?? [];
}

const XCR0 = 'vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX';
const ALL = ['CONFIG_KVM_APX', 'X86_FEATURE_APX', 'KVM_ENTER_EGPR_SWITCH', XCR0];

it.each([
  ['nothing else', `if (${XCR0})`],
  ['the CPU feature that an ALTERNATIVE is for', `if (static_cpu_has(X86_FEATURE_APX) && (${XCR0}))`],
  [
    'the option that is around it',
    `if (IS_ENABLED(CONFIG_KVM_APX) && cpu_feature_enabled(X86_FEATURE_APX) && ${XCR0})`,
  ],
  ['an early return', `if (!IS_ENABLED(CONFIG_KVM_APX)) return flags; if (boot_cpu_has(X86_FEATURE_APX) && (${XCR0}))`],
])('conditions of a run flag that assembly has as well are named once: %s', async (_, setter) => {
  expect((await conditionsWith(setter)).map((text) => text.replace(/^\((.*)\)$/, '$1'))).toEqual(ALL);
});

it('others than those are named', async () => {
  expect(await conditionsWith(`if (static_cpu_has(X86_FEATURE_LA57) && ${XCR0})`)).toEqual([
    ...ALL.slice(0, 3),
    `static_cpu_has(X86_FEATURE_LA57) && ${XCR0}`,
  ]);
});

it("a local variable's test is told by what the variable holds", async () => {
  expect(await conditionsWith(`bool swap = ${XCR0}; if (swap)`)).toEqual(ALL);
  expect(await conditionsWith(`bool swap = ${XCR0}; swap = swap && !nested; if (swap)`)).toEqual([
    ...ALL.slice(0, 3),
    'swap',
  ]);
});

it('a flag that comes through a member has the conditions of both statements', async () => {
  const taken = 'if (!vmx->nested) flags |= vmx->extra_flags;';
  const setter = `
static void after_set_xcr0(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	vmx->extra_flags = 0;
	if (${XCR0})
		vmx->extra_flags |= KVM_ENTER_EGPR_SWITCH;
}
`;
  const tree = treeAt(samplePath('apx-series'));
  const files = tree.files.map(({ path, text }) => ({
    path,
    text: path.endsWith('vmx/vmx.c')
      ? text
          .replace(/if \(vmx->vcpu\.arch\.xcr0 & XFEATURE_MASK_APX\)\s*flags \|= KVM_ENTER_EGPR_SWITCH;/, taken)
          .replace(
            'static unsigned int __vmx_vcpu_enter_flags(',
            `${setter}\nstatic unsigned int __vmx_vcpu_enter_flags(`,
          )
      : text,
  }));
  const { registers } = readTree(await parser(), { ...tree, files });
  const vmx = registers.find(({ register }) => register === 'R20')?.owners.find(({ backend }) => backend === 'vmx');
  expect(vmx?.load[0]?.conditions.map(shownGuard)).toEqual([...ALL, '!vmx->nested']);
});

it('of a block out of line are those of the jump to it, and those of jumps back from it', async () => {
  const tree = treeAt(samplePath('apx-series'));
  const block = /\tALTERNATIVE "jmp \.Legprs_loaded".*\n(\ttestl [^]*?VMX_LOAD_EGPRS %_ASM_DI\n)\.Legprs_loaded:\n/;
  const files = tree.files.map(({ path, text }) => {
    const inside = path.endsWith('vmx/vmenter.S') ? block.exec(text)?.[1] : undefined;
    if (inside === undefined) return { path, text };
    const outOfLine = `#ifdef CONFIG_KVM_APX\n.Lload_egprs:\n${inside}\tjmp .Legprs_loaded\n#endif\n.Lfixup:\n`;
    const inLine = '\tALTERNATIVE "", "jmp .Lload_egprs", X86_FEATURE_APX\n.Legprs_loaded:\n';
    return { path, text: text.replace(block, inLine).replace('.Lfixup:\n', outOfLine) };
  });
  const { registers } = readTree(await parser(), { ...tree, files });
  const vmx = registers.find(({ register }) => register === 'R20')?.owners.find(({ backend }) => backend === 'vmx');
  expect(vmx?.store[0]?.conditions.map(shownGuard)).toEqual(ALL);
});
