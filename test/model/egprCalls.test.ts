import { describe, expect, it } from 'vitest';
import { missingText } from '../../server/src/explain/missingWords.js';
import { wordsOf } from '../../server/src/explain/words.js';
import { readTree } from '../../server/src/model/readTree.js';
import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const ASSEMBLY = 'arch/x86/kvm/vmx/vmenter.S';
const LOADS = `	ALTERNATIVE "jmp .Legprs_loaded", "", X86_FEATURE_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%_ASM_SP)
	jz .Legprs_loaded
	VMX_LOAD_EGPRS %_ASM_DI
`;
const HELPER = `SYM_FUNC_START_LOCAL(load_egprs)
	VMX_LOAD_EGPRS %_ASM_DI
	RET
SYM_FUNC_END(load_egprs)

SYM_FUNC_START(__vmx_vcpu_run)`;

/** R20 for VMX in the sample of the series, some of its files written otherwise. */
async function ownerWith(rewritten: (path: string, text: string) => string) {
  const tree = treeAt(samplePath('apx-series'));
  const files = tree.files.map(({ path, text }) => ({ path, text: rewritten(path, text) }));
  const model = readTree(await parser(), { ...tree, files });
  const owner = model.registers
    .find(({ register }) => register === 'R20')
    ?.owners.find(({ backend }) => backend === 'vmx');
  return {
    store: owner?.store.map((t) => [t.function, ...t.conditions.map(shownGuard)]),
    missing: owner?.missing.map((part) => missingText(wordsOf(model), part)),
  };
}

const withLoads = (loads: string) => (path: string, text: string) =>
  path === ASSEMBLY ? text.replace(LOADS, loads).replace('SYM_FUNC_START(__vmx_vcpu_run)', HELPER) : text;

describe("assembly's helper that moves R16-R31 is called under the conditions of its call", () => {
  it('those that jumps put it under', async () => {
    const { store, missing } = await ownerWith(withLoads(LOADS.replace('VMX_LOAD_EGPRS %_ASM_DI', 'call load_egprs')));
    expect(missing).toEqual([]);
    expect(store).toEqual([
      [
        'load_egprs',
        'CONFIG_KVM_APX',
        'X86_FEATURE_APX',
        'KVM_ENTER_EGPR_SWITCH',
        'vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX',
      ],
    ]);
  });

  it('the feature that an ALTERNATIVE has it for, which is no test of the guest', async () => {
    const { store, missing } = await ownerWith(
      withLoads('\tALTERNATIVE "", "call load_egprs", X86_FEATURE_APX\n.Legprs_loaded:\n'),
    );
    expect(store).toEqual([['load_egprs', 'CONFIG_KVM_APX', 'X86_FEATURE_APX']]);
    expect(missing).toEqual(["no test in or before load_egprs that the guest's XCR0 has APX"]);
  });
});

it('a series that lacks the slots is told by what moves the registers', async () => {
  const { store, missing } = await ownerWith((path, text) =>
    path.endsWith('kvm_host.h') ? text.replace(/^\tVCPU_REGS_R(?:1[6-9]|2\d|3[01]),\n/gm, '') : text,
  );
  expect(store).toEqual([]);
  expect(missing).toEqual(['__vmx_vcpu_run moves it to or from memory, but the register enum has no slot for it']);
});

it('an early return under either of two conditions is two that hold', async () => {
  const tree = treeAt(samplePath('apx-xfeatures'));
  const guarded = (helper: string) => `static void guest_${helper}(struct kvm_vcpu *vcpu)
{
	if (!static_cpu_has(X86_FEATURE_APX) || !(vcpu->arch.xcr0 & XFEATURE_MASK_APX))
		return;
	${helper}(vcpu);
}
`;
  const files = tree.files.map(({ path, text }) => ({
    path,
    text: path.endsWith('x86.c')
      ? text
          .replace(/if \(static_cpu_has\(X86_FEATURE_APX\)\)\s+(kvm_apx_\w+)\(vcpu\);/g, 'guest_$1(vcpu);')
          .replace(
            'static void kvm_load_xfeatures',
            `${guarded('kvm_apx_save')}${guarded('kvm_apx_restore')}static void kvm_load_xfeatures`,
          )
      : text,
  }));
  const { registers } = readTree(await parser(), { ...tree, files });
  const [owner] = registers.find(({ register }) => register === 'R20')?.owners ?? [];
  expect(owner?.store[0]?.conditions.map(shownGuard)).toEqual([
    'static_cpu_has(X86_FEATURE_APX)',
    'vcpu->arch.xcr0 & XFEATURE_MASK_APX',
    'CONFIG_KVM_APX',
  ]);
});
