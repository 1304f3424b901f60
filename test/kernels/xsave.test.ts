import { beforeAll, expect, it } from 'vitest';
import { treeReading, type TreeReading, type TreeText } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { difference } from './mapLines.js';
import { identifiersOf, meaningless, withNames } from './renaming.js';
import { changedTree, changeOf, type Change } from './treeChanges.js';
import { xsaveLines } from './xsaveLines.js';

// Before the snapshots were accepted, the source line of each transfer, caller, step down, mask and component was printed beside
// what is said of it, and read: that the line does that, that the conditions are those around it (early exits too), that the
// order is the source's, and that what enters or leaves XCR0, XSS, PKRU, XFD and an fpstate in KVM's files is there, of each of the
// four kernels. Left out on purpose: the emulator's XGETBV and XSETBV, whose values go through a callback; MSRs whose number is
// known at run time only (CET's); single components that reset clears in the fpstate; what kvm_fpu_get() reloads for the emulator
// and Hyper-V hypercalls; and what 5.10's kvm_save_current_fpu() copies from the task's fpstate while that has what the registers
// had. Of callers only the nearest are told.
describeKernels('XSAVE state', ({ root, version }) => {
  const tree = treeAt(root);
  const words = identifiersOf(tree);
  let read: TreeReading;
  let model: RegisterModel;
  let lines: readonly string[];

  beforeAll(async () => {
    read = treeReading(await parser());
    model = read(tree);
    lines = xsaveLines(model.xsave);
  });

  const linesOf = (text: TreeText) => xsaveLines(read(text).xsave);

  it('is as it was when it was read against the source', async () => {
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`xsave/${version}.txt`);
  });

  it('is told in hovers of fifteen lines at the most', () => {
    const seen = new Set<string>();
    const tooLong: string[] = [];
    for (const [path, { source }] of model.files)
      for (const [word, { index }] of wordsOf(source.text)) {
        if (seen.has(word)) continue;
        const told = explainAt(model, path, index);
        if (!told) continue;
        seen.add(word);
        const text = explanationText(told.explanation).split('\n');
        if (text.length > 15 || text.some((line) => line.length > 90)) tooLong.push(`${path} ${word}`);
      }
    expect(tooLong).toEqual([]);
    expect(seen.size).toBeGreaterThan(30);
  });

  it('does not hang on the names of functions', () => {
    const names = new Map(FUNCTIONS.map((name) => [name, meaningless(name)]));
    const renamed = linesOf(withNames(tree, names));
    const old = new Map([...names].map(([name, fresh]) => [fresh, name]));
    expect(renamed.map((line) => line.replace(/\w+/g, (word) => old.get(word) ?? word))).toEqual(lines);
  });

  const changed = (...changes: readonly Change[]) => difference(lines, linesOf(changedTree(tree, changes)));
  // Until 6.16 each backend called for the guest's state and for the host's, of two functions.
  const isByBackends = !words.has('kvm_load_xfeatures');
  const switchFunction = isByBackends ? /^void kvm_load_guest_xsave_state\(/ : /^static void kvm_load_xfeatures\(/;

  it('lacks a component that is no longer in the mask of what guests may enable', () => {
    const bit = /(#define KVM_SUPPORTED_XCR0 [^;]*?)(?:XFEATURE_MASK_PKRU \| |\| XFEATURE_MASK_PKRU(?=\)))/;
    const { lost, gained } = changed(changeOf(tree, null, bit, '$1'));
    expect(lost.filter((line) => line.startsWith('component')).map(nameOf)).toEqual(['XFEATURE_PKRU']);
    expect(gained.filter((line) => line.startsWith('component'))).toEqual([expect.stringMatching(/, no /)]);
    expect([...lost, ...gained].filter((line) => !/^(?:component|mask)/.test(line))).toEqual([]);
  });

  it('lacks a switch that is no longer there, and nothing else', () => {
    const { lost, gained } = changed(changeOf(tree, switchFunction, /xsetbv\([^;]*;/, ';'));
    expect(gained).toEqual([]);
    expect(new Set(lost.map((line) => line.split(':')[0]))).toEqual(
      new Set(isByBackends ? ['vm-entry guest XCR0'] : ['vm-entry guest XCR0', 'vm-exit host XCR0']),
    );
  });

  it('has one condition less where an early exit is gone', () => {
    // A kernel without protected guests has no exit for them: __kvm_set_xcr() has one on the way of two values.
    const [within, condition] = words.has('guest_state_protected')
      ? ([switchFunction, 'vcpu->arch.guest_state_protected'] as const)
      : ([/^static int __kvm_set_xcr\(/, 'index != XCR_XFEATURE_ENABLED_MASK'] as const);
    const exit = new RegExp(`if \\(${condition.replaceAll('.', '\\.')}\\)\\s+return\\b[^;]*;`);
    const { lost, gained } = changed(changeOf(tree, within, exit));
    expect(gained).toEqual(lost.map((line) => line.replace(`!(${condition}) && `, '')));
    expect(lost.length).toBeGreaterThan(1);
  });
});

/** What the kernels call the functions that switch, swap and copy. */
const FUNCTIONS = [
  ...['kvm_load_xfeatures', 'kvm_load_guest_pkru', 'kvm_load_host_pkru', 'tdx_load_host_xsave_state'],
  ...['kvm_load_guest_xsave_state', 'kvm_load_host_xsave_state', 'kvm_load_guest_fpu', 'kvm_put_guest_fpu'],
  ...['fpu_swap_kvm_fpstate', 'save_fpregs_to_fpstate', 'restore_fpregs_from_fpstate', 'os_xsave', 'os_xrstor'],
  ...['fpu_copy_guest_fpstate_to_uabi', 'fpu_copy_uabi_to_guest_fpstate', '__copy_xstate_to_uabi_buf', 'copy_feature'],
  ...['copy_uabi_from_kernel_to_xstate', 'copy_uabi_to_xstate', 'copy_from_buffer', 'switch_fpu_return'],
  ...[
    'fpregs_restore_userregs',
    'fpu_sync_guest_vmexit_xfd_state',
    'fpu_update_guest_xfd',
    'xfd_update_state',
    'xfd_set_state',
  ],
  ...['fill_xsave', 'load_xsave', 'kvm_save_current_fpu', 'copy_fpregs_to_fpstate', 'copy_xregs_to_kernel'],
  ...['copy_kernel_to_fpregs', '__copy_kernel_to_fpregs', 'copy_kernel_to_xregs', '__fpregs_load_activate', 'fx_init'],
  ...['__kvm_set_xcr', 'kvm_vcpu_ioctl_x86_get_xsave', 'kvm_vcpu_ioctl_x86_get_xsave2', 'kvm_vcpu_ioctl_x86_set_xsave'],
  ...['kvm_vcpu_ioctl_x86_get_xcrs', 'kvm_vcpu_ioctl_x86_set_xcrs', 'KVM_SUPPORTED_XCR0', 'KVM_SUPPORTED_XSS'],
  ...[
    'XSTATE_XSAVE',
    'XSTATE_XRESTORE',
    'XSTATE_OP',
    'vcpu_enter_guest',
    'kvm_arch_vcpu_ioctl_run',
    'kvm_arch_vcpu_ioctl',
  ],
];

/** What a hover may tell XSAVE state of: components, what holds values, ioctls, functions. */
function wordsOf(text: string): Map<string, RegExpExecArray> {
  const words = [
    ...text.matchAll(/\b(?:XFEATURE_\w+|KVM_[GS]ET_(?:X\w+|FPU)|MSR_IA32_X\w+|x[cf][rd]\w*|\w*_?pkru|ia32_xss)\b/g),
  ];
  const functions = [...text.matchAll(new RegExp(`\\b(?:${FUNCTIONS.join('|')})\\b`, 'g'))];
  return new Map([...words, ...functions].map((match) => [match[0], match]));
}

function nameOf(line: string): string {
  return line.split(/[ :]/)[2] ?? '';
}
