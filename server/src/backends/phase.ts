/*
 * The moments at which a register moves, with what tells them apart. To add one that is told by what a function works on, name it here
 * and say in `explain/words.ts` how it is spoken of.
 */

/** When a transfer happens (the contract's phases). `set`: when KVM is given a new value. */
export type Phase =
  | 'vm-entry'
  | 'vm-exit'
  | 'on-demand'
  | 'set'
  | 'ioctl'
  | 'emulation'
  | 'nested'
  | 'smm'
  | 'reset'
  | 'launch'
  | 'other';

/**
 * Words that say what a function works on. vmcs12 and vmcb12 are L1's control structures for L2, vmcb02 what L2 runs on
 * (svm/nested.c, vmx/nested.c); SMRAM's state map is in smm.h, older trees reach it by put_smstate().
 */
export const PURPOSES: readonly { readonly phase: Phase; readonly words: readonly string[] }[] = [
  {
    phase: 'smm',
    words: ['kvm_smram', 'kvm_smram_state_32', 'kvm_smram_state_64', 'smram', 'put_smstate', 'GET_SMSTATE'],
  },
  { phase: 'nested', words: ['vmcs12', 'vmcb12', 'vmcb02', 'vmcb12_gpa', 'nested_vmcb', 'vmcs02'] },
  { phase: 'emulation', words: ['x86_emulate_ctxt'] },
  {
    phase: 'ioctl',
    words: ['kvm_regs', 'kvm_sregs', 'kvm_sregs2', 'kvm_debugregs', 'kvm_vcpu_events', 'kvm_sync_regs'],
  },
];

/** Which phase code is of that several could be told of, the first one. */
export const PRIORITY: readonly Phase[] = [
  'on-demand',
  'vm-entry',
  'smm',
  'nested',
  'reset',
  'emulation',
  'ioctl',
  'vm-exit',
];
