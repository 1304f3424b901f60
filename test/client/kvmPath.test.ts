import { expect, test } from 'vitest';
import { isInKvmTree, isKvmTree, kvmTreeOf } from '../../client/src/kvmPath.js';

/** A disk that holds these files and the directories above them. */
function disk(...files: readonly string[]) {
  return (path: string) => files.some((file) => file === path || file.startsWith(`${path}/`));
}

const kernel = disk(
  '/src/linux/arch/x86/kvm/x86.c',
  '/src/linux/arch/x86/kvm/vmx/vmx.c',
  '/src/linux/drivers/net/tun.c',
);

test('a file of a whole kernel tree is in it where it can hold a guest register', () => {
  for (const file of [
    'arch/x86/kvm/x86.c',
    'arch/x86/kvm/vmx/vmenter.S',
    'arch/x86/include/asm/kvm_host.h',
    'arch/x86/include/uapi/asm/kvm.h',
    'arch/x86/kernel/fpu/core.c',
    'arch/x86/virt/vmx/tdx/tdx.c',
    'virt/kvm/kvm_main.c',
    'include/linux/kvm_host.h',
    'include/uapi/linux/kvm.h',
    'include/hyperv/hvgdk.h',
  ]) {
    expect(kvmTreeOf(`/src/linux/${file}`, kernel), file).not.toBeNull();
  }
  for (const file of ['drivers/net/tun.c', 'arch/arm64/kvm/arm.c', 'include/linux/list.h', 'arch/x86/kvm/Makefile']) {
    expect(kvmTreeOf(`/src/linux/${file}`, kernel), file).toBeNull();
  }
});

test('the same names without KVM beside them are in no tree', () => {
  expect(kvmTreeOf('/src/xen/arch/x86/include/asm/msr.h', disk('/src/xen/arch/x86/include/asm/msr.h'))).toBeNull();
  expect(kvmTreeOf('/src/xen/hvm/vmx/vmx.c', disk('/src/xen/hvm/vmx/vmx.c'))).toBeNull();
  expect(kvmTreeOf('/a.c', disk('/a.c'))).toBeNull();
});

test('a part of a tree is found under any name, before and after 5.1', () => {
  const copied = disk('/review/x86.c', '/review/vmx/vmx.c');
  expect(kvmTreeOf('/review/svm/vmenter.S', copied)).toBe('/review');
  expect(kvmTreeOf('/review/x86.c', copied)).toBe('/review');
  expect(kvmTreeOf('/old/svm.c', disk('/old/x86.c', '/old/vmx.c'))).toBe('/old');
  expect(kvmTreeOf('/x86.c', disk('/x86.c', '/vmx.c'))).toBe('/');
  expect(kvmTreeOf('/part/include/asm/kvm_host.h', disk('/part/kvm/x86.c'))).toBe('/part');
});

test('a folder is a tree by what it holds', () => {
  expect(isKvmTree('/src/linux', kernel)).toBe(true);
  expect(isKvmTree('/src/linux/arch/x86/kvm', kernel)).toBe(true);
  expect(isKvmTree('/src/linux/drivers', kernel)).toBe(false);
});

test('a file that can hold no guest register is in the tree all the same, and so are its folders', () => {
  for (const path of ['/src/linux', '/src/linux/drivers/net/tun.c', '/src/linux/arch/x86/kvm/vmx', '/src/linux/arch'])
    expect(isInKvmTree(path, kernel), path).toBe(true);
  for (const path of ['/src', '/src/linuxes/x.c', '/', '']) expect(isInKvmTree(path, kernel), path).toBe(false);
});
