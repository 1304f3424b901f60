import { describe, expect, it } from 'vitest';
import { mapText } from '../cliText.js';
import type { ModuleText } from '../../server/src/model/missingSources.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('load-store-regs'));
const kvm = 'arch/x86/kvm';

function module(name: string, sources: readonly string[], missing: readonly string[]): ModuleText {
  const objects = missing.map((object) => ({
    object,
    isShared: object.startsWith('virt/'),
    makefile: `${kvm}/Makefile`,
    line: 7,
  }));
  return { name, sources, missing: objects };
}

/** A model of the sample without what modules lack, with code added to nested.c. */
async function built(modules: readonly ModuleText[], added = ''): Promise<RegisterModel> {
  const gone = new Set(modules.flatMap(({ missing }) => missing.map(({ object }) => object.replace(/\.o$/, ''))));
  const files = sample.files
    .filter(({ path }) => !gone.has(path.replace(/\.[cS]$/, '')))
    .map((file) => (file.path === `${kvm}/vmx/nested.c` ? { ...file, text: file.text + added } : file));
  return readTree(await parser(), { ...sample, files, modules });
}

/** The reasons why not all is known of a register's loads on a backend. */
function reasons(model: RegisterModel, name: string, backend: string): string[] {
  const owner = model.registers
    .find(({ register }) => register === name)
    ?.owners.find((any) => any.backend === backend);
  return owner?.unknown.load.map(({ why }) => why) ?? [];
}

describe('a source that the Makefile names and that the tree lacks', () => {
  it('is a problem that says of a whole module that it may be a backend', async () => {
    const files = sample.files.map(({ path }) => path).filter((path) => /svm\/.*\.[cS]$/.test(path));
    const model = await built([
      module(
        'kvm-amd',
        [],
        files.map((path) => path.replace(/\.[cS]$/, '.o')),
      ),
    ]);
    expect(model.backends.map(({ name }) => name)).not.toContain('svm');
    const [problem] = model.problems;
    expect([problem?.file, problem?.line]).toEqual([`${kvm}/Makefile`, 7]);
    expect(problem?.message).toMatch(
      /^no source of kvm-amd is in this tree \(.*svm\/svm\.o.*\): if that is a backend, nothing is known of it$/,
    );
    expect(mapText(model, 120)).toContain('kvm-amd');
    // VMX has all of its own.
    expect(reasons(model, 'CR4', 'vmx')).toEqual([]);
  });

  it('may have moved what nothing else of its module moves', async () => {
    const whole = await built([]);
    const lacking = (sources: string[], missing: string) => built([module('kvm-amd', sources, [missing])]);
    const own = await lacking([`${kvm}/svm/svm.c`], `${kvm}/svm/more.o`);
    const common = await lacking([`${kvm}/x86.c`], `${kvm}/more.o`);
    const others = await lacking([`${kvm}/vmx/vmx.c`], `${kvm}/vmx/more.o`);
    const shared = await lacking([`${kvm}/x86.c`], 'virt/kvm/more.o');
    const why = 'is missing: kvm-amd is built of arch/x86/kvm/svm/more.o too, of which this tree has no source';
    const whyCommon = why.replace('svm/more.o', 'more.o');
    const open = (model: RegisterModel) => reasons(model, 'EXIT_INFO_1', 'svm');
    expect([whole, own, common, others, shared].map(open)).toEqual([[], [why], [whyCommon], [], []]);
  });

  it('may have read back what only another vendor’s handlers are seen to set, and what a write trap tells', async () => {
    const ways = (model: RegisterModel, name: string) =>
      Object.fromEntries(
        model.registers
          .filter(({ register }) => register === name)
          .flatMap(({ owners }) => owners.map(({ backend, sync }) => [backend, sync])),
      );
    const enter = 'static void enter(struct kvm_vcpu *vcpu) { vmcs_writel(GUEST_CR3, vcpu->arch.cr3); }\n';
    const vmx = await built([module('kvm-intel', [`${kvm}/vmx/nested.c`], [`${kvm}/vmx/vmx.o`])], enter);
    expect(ways(vmx, 'CR3')['vmx']).toBe('unknown');
    const svm = await built([module('kvm-amd', [`${kvm}/svm/sev.c`], [`${kvm}/svm/svm.o`])]);
    expect([ways(svm, 'CR4')['sev-es'], ways(svm, 'RSP')['sev-es']]).toEqual(['unknown', 'protected']);
  });

  it('leaves what a handler of a write trap reads open, where the VMCB is not known', async () => {
    const files = sample.files.map((file) => ({
      ...file,
      text: file.text.replace(/struct vmcb_control_area\b/g, 'struct lost'),
    }));
    const model = readTree(await parser(), { ...sample, files });
    expect(reasons(model, 'CR4', 'sev-es')).toEqual([
      'handles SVM_EXIT_CR4_WRITE_TRAP, and what it reads is not understood',
    ]);
  });

  it('may be the enum of the register cache, which would say whether there are R16-R31', async () => {
    const files = sample.files.filter(({ text }) => !/\benum kvm_reg \{/.test(text));
    const model = readTree(await parser(), { ...sample, files });
    for (const backend of ['vmx', 'svm'])
      expect(reasons(model, 'R20', backend)).toEqual(['is declared nowhere in this tree']);
    expect(mapText(model, 200)).toMatch(
      /^R16-R31 +unknown +Whether it is moved .* enum kvm_reg is declared nowhere in this tree$/m,
    );
  });
});
