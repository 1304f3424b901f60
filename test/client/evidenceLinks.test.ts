import { expect, test } from 'vitest';
import { evidenceLinks, evidencePaths } from '../../client/src/evidenceLinks.js';

test('finds what an explanation names as its evidence', () => {
  const text =
    'RSP\n\nVMX  VMCS GUEST_RSP; vmx_cache_reg [vmx/vmx.c:2631]\n     arch.regs[VCPU_REGS_RSP] [asm/fpu/types.h:128]';
  const links = evidenceLinks(text);
  expect(links.map(({ path, line }) => ({ path, line }))).toEqual([
    { path: 'vmx/vmx.c', line: 2631 },
    { path: 'asm/fpu/types.h', line: 128 },
  ]);
  expect(links.map(({ start, end }) => text.slice(start, end))).toEqual(['vmx/vmx.c:2631', 'asm/fpu/types.h:128']);
});

test('a short path is looked for in the whole tree and in each part of it', () => {
  expect(evidencePaths('vmx/vmx.c')).toEqual(
    expect.arrayContaining(['vmx/vmx.c', 'arch/x86/kvm/vmx/vmx.c', 'x86/kvm/vmx/vmx.c', 'kvm/vmx/vmx.c']),
  );
  expect(evidencePaths('asm/svm.h')).toEqual(
    expect.arrayContaining(['arch/x86/include/asm/svm.h', 'include/asm/svm.h']),
  );
  expect(evidencePaths('virt/kvm/kvm_main.c')[0]).toBe('virt/kvm/kvm_main.c');
});
