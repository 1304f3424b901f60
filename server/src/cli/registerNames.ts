import type { RegisterModel } from '../model/registerModel.js';
import { GPRS } from '../syntax/x86/registers.js';

/**
 * Registers as the architecture calls them (Intel SDM volume 1, 3.2 and 13.1), and KVM's own groups of enum kvm_reg in
 * arch/x86/include/asm/kvm_host.h: what a shell completes, and what is no directory's name. A tree may have others.
 */
export const REGISTER_NAMES: readonly string[] = [
  ...GPRS,
  'RIP',
  'RFLAGS',
  'CR0',
  'CR3',
  'CR4',
  'PDPTR',
  'SEGMENTS',
  'EXIT_INFO_1',
  'EXIT_INFO_2',
  'XCR0',
  'XSS',
  'XFD',
  'PKRU',
];

/** Whether a word is a register's name whichever the tree is: `rax`, `VCPU_REG_CR3`. */
export function isRegisterName(word: string): boolean {
  const name = word.toUpperCase();
  return REGISTER_NAMES.includes(name) || /^(?:VCPU|XFEATURE)_/.test(name);
}

/** The names that may have been meant by one that a tree does not have: the registers', as they are called and as the enum has them. */
export function registerCandidates({ registers, xsave }: RegisterModel): string[] {
  return [
    ...registers.flatMap(({ register, member, aliases }) => [register, ...(member ? [member.name] : []), ...aliases]),
    ...REGISTER_NAMES,
    ...xsave.components.map(({ name }) => name),
  ];
}
