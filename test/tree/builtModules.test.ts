import { describe, expect, it } from 'vitest';
import { findKernelTree } from '../../server/src/tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../../server/src/tree/loadTree.js';
import { describeKernels } from '../kernels.js';
import { temporaryTree } from './temporaryTree.js';

const kvm = 'arch/x86/kvm';

function load(path: string): LoadedTree {
  const found = findKernelTree(path);
  if ('missing' in found) throw new Error(found.missing);
  return loadTree(found.tree);
}

/** Module -> the objects that have no source. */
function missingOf(tree: LoadedTree): Record<string, string[]> {
  return Object.fromEntries(tree.modules.map(({ name, missing }) => [name, missing.map(({ object }) => object)]));
}

describe('what KVM’s Makefile builds', () => {
  it('is listed by module, with the objects that have no source', () => {
    const root = temporaryTree({
      [`${kvm}/Makefile`]: [
        'ccflags-y += -I $(srctree)/arch/x86/kvm # not x.o',
        'KVM := ../../../virt/kvm',
        'kvm-y += x86.o irq.o \\',
        '\t$(KVM)/kvm_main.o $(KVM)/vfio.o',
        'ifdef CONFIG_HYPERV',
        'kvm-y += kvm_onhyperv.o',
        'endif',
        'kvm-intel-y := vmx/vmx.o vmx/vmenter.o',
        'kvm-amd-$(CONFIG_KVM_AMD_SEV) += svm/sev.o',
        'obj-$(CONFIG_KVM) += kvm.o',
        'obj-$(CONFIG_KVM_AMD) += kvm-amd.o',
        'obj-m += alone.o',
        'CFLAGS_x86.o := -I.',
        '$(obj)/made.c: FORCE',
        '\tcp $< made-too.o',
        'kvm-$(CONFIG_X) += made.o',
      ].join('\n'),
      [`${kvm}/x86.c`]: '',
      [`${kvm}/vmx/vmx.c`]: '',
      [`${kvm}/vmx/vmenter.S`]: '',
      'virt/kvm/kvm_main.c': '',
    });
    const tree = load(root);
    expect(missingOf(tree)).toEqual({
      kvm: [`${kvm}/irq.o`, 'virt/kvm/vfio.o', `${kvm}/kvm_onhyperv.o`],
      'kvm-intel': [],
      'kvm-amd': [`${kvm}/svm/sev.o`],
      alone: [`${kvm}/alone.o`],
    });
    const [core, intel] = tree.modules;
    expect(intel?.sources).toEqual([`${kvm}/vmx/vmx.c`, `${kvm}/vmx/vmenter.S`]);
    expect(core?.missing.map(({ line, isShared }) => [line, isShared])).toEqual([
      [3, false],
      [3, true],
      [6, false],
    ]);
  });

  it('is followed into included Makefiles and directories, and has prefixes put in', () => {
    const root = temporaryTree({
      [`${kvm}/Makefile`]: 'include $(srctree)/virt/kvm/Makefile.kvm\nobj-y += x86.o svm/ vmx/\nobj-m += kvm.o\n',
      'virt/kvm/Makefile.kvm': 'KVM ?= ../../../virt/kvm\nkvm-y := $(addprefix $(KVM)/, kvm_main.o eventfd.o)\n',
      'virt/kvm/eventfd.c': '',
      [`${kvm}/x86.c`]: '',
      [`${kvm}/svm/Kbuild`]: 'obj-y := svm.o\n',
    });
    expect(missingOf(load(root))).toEqual({
      kvm: ['virt/kvm/kvm_main.o'],
      x86: [],
      svm: [`${kvm}/svm/svm.o`],
      [`${kvm}/vmx/`]: [`${kvm}/vmx/`],
    });
  });

  it('is judged as far as the part goes that was copied out', () => {
    const root = temporaryTree({
      Makefile: 'kvm-y := x86.o cpuid.o ../../../virt/kvm/kvm_main.o',
      'x86.c': '',
      'vmx/vmx.c': '',
    });
    expect(missingOf(load(root))).toEqual({ kvm: ['cpuid.o'] });
  });

  it('is not known without a Makefile', () => {
    expect(load(temporaryTree({ [`${kvm}/x86.c`]: '' })).modules).toEqual([]);
  });
});

describeKernels('the modules of a whole kernel', (kernel) => {
  it('have all their sources', () => {
    const { modules } = load(kernel.root);
    expect(modules.map(({ name }) => name)).toEqual(['kvm', 'kvm-intel', 'kvm-amd']);
    expect(modules.flatMap(({ missing }) => missing)).toEqual([]);
  });
});
