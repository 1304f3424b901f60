import { describe, expect, it } from 'vitest';
import { checkTree, unjudged } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { readTree, type TreeText } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const copy = treeAt(samplePath('load-store-regs'));
const whole: TreeText = { ...copy, files: [...copy.files, { path: 'virt/kvm/main.c', text: '' }] };

async function without(header: string, tree: TreeText = whole, more: TreeText['files'] = []) {
  const files = tree.files.filter(({ path }) => path !== header);
  expect(files.length).toBe(tree.files.length - (header === '' ? 0 : 1));
  return readTree(await parser(), { ...tree, files: [...files, ...more] });
}

describe("a header of KVM's that is not in the tree", () => {
  it.each([
    ['arch/x86/kvm/vmx/vmx.h', 'EXIT_INFO_1', 'vmx'],
    ['arch/x86/kvm/svm/svm.h', 'RFLAGS', 'svm'],
  ])('is a listed problem, and nothing is judged or told by absence without %s', async (header, name, backend) => {
    const model = await without(header);
    const file = header.slice(header.lastIndexOf('/') + 1);
    expect(unjudged(model).map(({ message }) => message)).toContain(
      `${file} is included here, and is not among the headers of this tree's KVM`,
    );
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    const owners = model.registers.find(({ register }) => register === name)?.owners ?? [];
    expect(owners.filter((owner) => owner.backend === backend).map(({ sync }) => sync)).not.toContain('none');
  });

  it('is none where the build makes it, a configuration alone has it, or it is at the end of a path', async () => {
    const text = `
#include "../../elsewhere/other.h"
#ifdef CONFIG_OTHER
#include "of_a_configuration.h"
#endif
`;
    const model = await without('', whole, [{ path: 'arch/x86/kvm/own.c', text }]);
    expect(unjudged(model)).toEqual([]);
  });

  it('may be in virt/kvm, of which a copy of arch/x86/kvm alone has nothing', async () => {
    const own = { path: 'arch/x86/kvm/own.c', text: '#include "iodev.h"\n' };
    expect(unjudged(await without('', copy, [own]))).toEqual([]);
    expect(unjudged(await without('', whole, [own]))).toHaveLength(1);
  });
});
