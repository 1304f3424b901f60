/** An opcode between a register, which ModRM.reg numbers, and a register or memory. */
interface RegisterOpcode {
  readonly mnemonic: string;
  /** Whether ModRM.reg is where the value goes to. */
  readonly isToRegister: boolean;
}

/** Those of opcode map 0 that kernels write as bytes, with REX2 prefixes (Intel SDM volume 2, appendix A.3). */
export const REGISTER_OPCODES: ReadonlyMap<number, RegisterOpcode> = new Map([
  [0x31, { mnemonic: 'xor', isToRegister: false }],
  [0x33, { mnemonic: 'xor', isToRegister: true }],
  [0x89, { mnemonic: 'mov', isToRegister: false }],
  [0x8b, { mnemonic: 'mov', isToRegister: true }],
]);

/** Instructions without operands that kernels write as bytes (Intel SDM volume 3C chapter 31 and volume 2D; AMD APM volume 3). */
const WHOLE: ReadonlyMap<string, string> = new Map([
  ['0f 01 c1', 'vmcall'],
  ['0f 01 c2', 'vmlaunch'],
  ['0f 01 c3', 'vmresume'],
  ['0f 01 c4', 'vmxoff'],
  ['0f 01 d8', 'vmrun'],
  ['0f 01 d9', 'vmmcall'],
  ['0f 01 da', 'vmload'],
  ['0f 01 db', 'vmsave'],
  ['0f 01 dc', 'stgi'],
  ['0f 01 dd', 'clgi'],
  ['66 0f 01 cc', 'tdcall'],
  ['66 0f 01 cf', 'seamcall'],
]);

/** The mnemonic of the instruction without operands that bytes encode, or null. A byte that isn't known is null. */
export function wholeInstruction(bytes: readonly (number | null)[]): string | null {
  return WHOLE.get(bytes.map((byte) => byte?.toString(16).padStart(2, '0') ?? '??').join(' ')) ?? null;
}
