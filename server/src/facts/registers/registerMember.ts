import type { Guard } from '../../syntax/conditions/guard.js';
import type { Location } from '../../syntax/text/sourceText.js';

/** What a member of the register enum stands for. */
export type RegisterClass = 'gpr' | 'special' | 'exit-info';

/** A member of the register enum. */
export interface RegisterMember {
  /** As in the tree: `VCPU_REGS_RAX`. */
  readonly name: string;
  /** The register's own name: `RAX`, `CR3`, `PDPTR`. */
  readonly register: string;
  /** `count`: an end marker (`NR_VCPU_REGS`); `alias`: another name of the register in `aliasOf`. */
  readonly role: 'register' | 'alias' | 'count';
  readonly aliasOf: string | null;
  readonly class: RegisterClass;
  /** Its value in a 64-bit build and in a 32-bit build; null where it cannot be known or the member is absent there. */
  readonly index: number | null;
  readonly index32: number | null;
  /** Whether the enum numbers it, so that the cache's bitmaps have a bit for it. */
  readonly isNumbered: boolean;
  /** The `#if` conditions that it is under. */
  readonly conditions: readonly Guard[];
  /** null where the tree has no such enum and the register is known by its uses alone. */
  readonly declared: Location | null;
  /** Offset of its name in the enum; -1 without one. */
  readonly offset: number;
}

/** What is not understood of the enum. */
export interface RegisterProblem {
  readonly location: Location;
  readonly message: string;
}

/** The general-purpose registers by their number in an instruction (SDM vol. 1, 3.4.1; R16-R31: APX specification, 3.1). */
export const GPR_NAMES: readonly string[] = [
  ...['RAX', 'RCX', 'RDX', 'RBX', 'RSP', 'RBP', 'RSI', 'RDI'],
  ...Array.from({ length: 24 }, (_, i) => `R${String(i + 8)}`),
];

/** What a member's name alone says of it: of its numbers a GPR's only, which is the instruction set's. */
export function usedMember(name: string): RegisterMember {
  const register = registerName(name);
  const isGpr = GPR_NAMES.includes(register);
  const number = GPR_NAMES.indexOf(register);
  return {
    name,
    register,
    role: name.startsWith('NR_') ? 'count' : 'register',
    aliasOf: null,
    class: classOf(register),
    index: isGpr ? number : null,
    index32: isGpr && number < 8 ? number : null,
    isNumbered: true,
    conditions: [],
    declared: null,
    offset: -1,
  };
}

/** The class of the register of that name. */
export function classOf(register: string): RegisterClass {
  return GPR_NAMES.includes(register) ? 'gpr' : register.includes('EXIT_INFO') ? 'exit-info' : 'special';
}

/** Whether a member names a register, as opposed to marking an end. */
export function isRegister(member: RegisterMember): boolean {
  return member.role !== 'count';
}

/** `RAX` of `VCPU_REGS_RAX`, whatever stands before a GPR's name; `CR3` of `VCPU_EXREG_CR3` and of `VCPU_REG_CR3`. */
export function registerName(member: string): string {
  const last = member.slice(member.lastIndexOf('_') + 1);
  return GPR_NAMES.includes(last) ? last : member.replace(/^.*?_(?:EX)?X?REGS?_/, '');
}
