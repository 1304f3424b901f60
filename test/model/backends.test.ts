import { describe, expect, it } from 'vitest';
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

describe('a copy of arch/x86/kvm alone', () => {
  const prefix = 'arch/x86/kvm/';
  const files = sample.files
    .filter((file) => file.path.startsWith(prefix))
    .map((file) => ({ path: file.path.slice(prefix.length), text: file.text }));

  it('has the registers that its code names, with the same owners', async () => {
    const [alone, whole] = await Promise.all(
      [{ ...sample, files }, sample].map(async (tree) => readTree(await parser(), tree)),
    );
    // Without the enum nothing says that ERAPS is another name of CR3.
    expect(alone?.problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('no enum kvm_reg'),
      expect.stringContaining('ERAPS is not known to be a register of a SEV-ES guest'),
      expect.stringContaining('ERAPS is not known to be a register of a TD'),
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
