import { describe, expect, it } from 'vitest';
import { unjudged } from '../../server/src/check/checkTree.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('load-store-regs'));

/** The sample's model without one of its files. */
async function without(path: string): Promise<RegisterModel> {
  const files = sample.files.filter((file) => file.path !== `arch/x86/kvm/${path}`);
  expect(files.length).toBe(sample.files.length - 1);
  return readTree(await parser(), { ...sample, files });
}

function syncOf({ registers }: RegisterModel, name: string, backend: string): string {
  const owners = registers.find(({ register }) => register === name)?.owners ?? [];
  return owners.filter((owner) => owner.backend === backend).map(({ sync }) => sync)[0] ?? 'no owner';
}

describe('a tree without what gives assembly the offset of the register array', () => {
  it('leaves open whether registers are switched, and whose VMRUN it is', async () => {
    const model = await without('kvm-asm-offsets.c');
    expect([syncOf(model, 'RBX', 'vmx'), syncOf(model, 'RBX', 'svm')]).toEqual(['unknown', 'unknown']);
    expect(syncOf(model, 'RAX', 'svm')).toBe('eager');
    expect(model.backends.map(({ name }) => name)).toEqual(['vmx', 'svm', 'sev-es', 'tdx']);
  });
});

describe('a tree without the accessors of the register cache', () => {
  it('tells nothing by absence, and is not judged', async () => {
    const model = await without('regs.h');
    const listed = model.registers.filter(({ member }) => member !== null).flatMap(({ owners }) => owners);
    const byAbsence = listed.filter(({ sync }) => /^(?:none|direct|intercepted|protected)$/.test(sync));
    expect(byAbsence).toEqual([]);
    expect(syncOf(model, 'RSP', 'vmx')).toBe('unknown');
    expect(syncOf(model, 'RBX', 'vmx')).toBe('switched');
    expect(unjudged(model).map(({ message }) => message)).toEqual([
      expect.stringContaining('vmx_cache_reg (arch/x86/kvm/vmx/vmx.c:'),
    ]);
  });
});

describe("a tree without KVM's common code", () => {
  it('leaves open what a function of it fetches', async () => {
    const model = await without('x86.c');
    expect(syncOf(model, 'PDPTR', 'svm')).toBe('unknown');
    expect(model.problems.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^load_pdptrs is defined nowhere/),
    );
  });
});
