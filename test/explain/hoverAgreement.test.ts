import { describe, expect, it } from 'vitest';
import { modelOfTree } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { sampleNames, samplePath } from '../samples.js';
import { hoverContradictions, placedLenses, type PlacedLens } from './hoverContradictions.js';

describe('a lens, the hover at its word and the owner of its register say the same', () => {
  it.each(sampleNames())('samples/%s', async (name) => {
    const model = await modelOfTree(samplePath(name));
    const lenses = placedLenses(model);
    expect(lenses.length).toBeGreaterThan(20);
    expect(hoverContradictions(model, lenses)).toEqual([]);
  });
});

describeKernels('and of', ({ root }) => {
  it('all lenses', async () => {
    const model = await modelOfTree(root);
    expect(hoverContradictions(model, placedLenses(model))).toEqual([]);
  });
});

describe('a lens that is changed is found out', () => {
  it.each([
    ['another phase', 'vmx_load_mmu_pgd', /before VM-entry/, 'after VM-exit'],
    ['another direction', 'sev_es_sync_to_ghcb', /->/, '<-'],
    ['another condition', 'svm_vcpu_run', /if !is_sev_es_guest\(vcpu\)/, 'if npt_enabled'],
    ['no condition', 'vmx_ept_load_pdptrs', /, if dirty/, ', if enable_ept'],
    ['another backend', 'VCPU_REGS_RSP', /SVM: VMCB save\.rsp, eager/, 'SVM: VMCS GUEST_RSP, lazy'],
    ['a condition of no owner', 'VCPU_REG_PDPTR', /lazy if npt_enabled/, 'lazy'],
    ['another count', '__vmx_vcpu_run', /loads 15/, 'loads 14'],
  ] as const)('%s: %s', async (_what, name, from, to) => {
    const model = await modelOfTree(samplePath('load-store-regs'));
    const changed = placedLenses(model)
      .filter((lens) => lens.name === name && from.test(lens.title))
      .map((lens): PlacedLens => ({ ...lens, title: lens.title.replace(from, to) }));
    expect(changed.length).toBeGreaterThan(0);
    expect(hoverContradictions(model, changed).length).toBeGreaterThanOrEqual(changed.length);
  });
});
