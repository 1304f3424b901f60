import { describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { parser, treeAt } from '../engine.js';
import { readTree, type TreeText } from '../../server/src/model/readTree.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('load-store-regs'));

async function backendsOf(tree: TreeText): Promise<string[]> {
  return readTree(await parser(), tree).backends.map((backend) => backend.name);
}

describe('backends', () => {
  it('are those whose guests the tree enters', async () => {
    expect(await backendsOf(sample)).toEqual(['vmx', 'svm', 'sev-es', 'tdx']);
    const files = sample.files.filter((file) => !file.path.includes('/svm/'));
    expect(await backendsOf({ ...sample, files })).toEqual(['vmx', 'tdx']);
  });

  it('are shown when they are unknown, with an answer for every register', async () => {
    const text = `
static int pvm_vcpu_run(struct kvm_vcpu *vcpu)
{
	return pvm_hypercall_enter(vcpu);
}

static void pvm_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	kvm_register_mark_available(vcpu, reg);
}

struct kvm_x86_ops pvm_x86_ops = {
	.vcpu_run = pvm_vcpu_run,
	.cache_reg = pvm_cache_reg,
};
`;
    const files = [...sample.files, { path: 'arch/x86/kvm/pvm/pvm.c', text }];
    const model = readTree(await parser(), { ...sample, files });
    expect(model.backends.map((backend) => backend.name)).toEqual(['vmx', 'svm', 'sev-es', 'tdx', 'pvm']);
    for (const register of model.registers) {
      expect(register.owners.filter((owner) => owner.backend === 'pvm')).toHaveLength(1);
    }
  });
});

describe('a backend that is not known', () => {
  const text = `
static void load_regs(struct kvm_vcpu *vcpu, struct pt_regs *guest)
{
	guest->sp = vcpu->arch.regs[VCPU_REGS_RSP];
}

static void save_regs(struct kvm_vcpu *vcpu, struct pt_regs *guest)
{
	vcpu->arch.regs[VCPU_REGS_RSP] = guest->sp;
}

int pvm_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	load_regs(vcpu, sp0_regs(vcpu));
	struct pt_regs *guest = switcher_enter_guest();
	save_regs(vcpu, guest);
	return 0;
}
`;
  const table = 'struct kvm_x86_ops pvm_x86_ops = {\n\t.vcpu_run = pvm_vcpu_run,\n};\n';

  it.each([
    ['in one file', [['pvm/pvm.c', text + table]]],
    [
      'in a folder of its own',
      [
        ['pvm/pvm.c', table],
        ['pvm/run.c', text],
      ],
    ],
    ['beside common code', [['pvm.c', text + table]]],
  ] as const)('has its own rules for the register cache: %s', async (_what, module) => {
    const own = module.map(([path, code]) => ({ path: `arch/x86/kvm/${path}`, text: code }));
    const model = readTree(await parser(), { ...sample, files: [...sample.files, ...own] });
    const inModule = checkTree(model, TRACKING_RULES).filter(({ file }) => file.includes('pvm'));
    expect(inModule).toEqual([]);
    const owner = model.registers
      .find(({ register }) => register === 'RSP')
      ?.owners.find(({ backend }) => backend === 'pvm');
    expect(owner).toMatchObject({
      sync: 'unknown',
      load: [{ function: 'save_regs', phase: 'vm-exit' }],
      store: [{ function: 'load_regs', phase: 'vm-entry' }],
    });
    expect([owner?.unknown.load.length, owner?.unknown.store.length]).toEqual([1, 1]);
  });
});

describe("a member of a vendor's own struct", () => {
  it("is told of in that vendor's module, not in another that has one of the same name", async () => {
    const path = 'arch/x86/kvm/pvm/pvm.c';
    const text =
      'int pvm_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)\n{\n\treturn enter(to_pvm(vcpu)->rflags);\n}\n' +
      'struct kvm_x86_ops pvm_x86_ops = {\n\t.vcpu_run = pvm_vcpu_run,\n};\n';
    const model = readTree(await parser(), { ...sample, files: [...sample.files, { path, text }] });
    const vmx = 'arch/x86/kvm/vmx/vmx.c';
    const offsetIn = (file: string) => (model.files.get(file)?.source.text.indexOf('->rflags') ?? -3) + 2;
    expect(explainAt(model, vmx, offsetIn(vmx))?.explanation.subject).toEqual({ kind: 'member', name: 'rflags' });
    expect(explainAt(model, path, offsetIn(path))).toBeNull();
  });
});

describe('a copy of arch/x86/kvm alone', () => {
  const prefix = 'arch/x86/kvm/';
  const files = sample.files
    .filter((file) => file.path.startsWith(prefix))
    .map((file) => ({ path: file.path.slice(prefix.length), text: file.text }));

  it('has the registers that its code names, with the same owners', async () => {
    const [alone, whole] = await Promise.all(
      [{ ...sample, files }, sample].map(async (tree) => readTree(await parser(), tree)),
    );
    // Without the enum nothing says that ERAPS is another name of CR3, nor whether there are R16-R31.
    expect(alone?.problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('no enum kvm_reg'),
      expect.stringContaining(
        'ERAPS is declared nowhere in this tree, and nothing is found that moves it; so not all is known of ERAPS on VMX',
      ),
      expect.stringContaining('so not all is known of ERAPS on SVM'),
      expect.stringContaining('ERAPS is not known to be a register of a SEV-ES guest'),
      expect.stringContaining('ERAPS is not known to be a register of a TD'),
      ...['VMX', 'SVM', 'SEV-ES', 'TDX'].map(
        (name) => `enum kvm_reg is declared nowhere in this tree; so not all is known of R16-R31 on ${name}`,
      ),
    ]);
    for (const register of whole?.registers ?? []) {
      if (register.class !== 'gpr' || !register.member) continue;
      const other = alone?.registers.find((r) => r.register === register.register);
      const owners = (r: typeof other) =>
        r?.owners.map(({ backend, sync, place }) => `${backend} ${sync} ${place.kind}`);
      expect(owners(other), register.register).toEqual(owners(register));
    }
  });
});
