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
  [0x87, { mnemonic: 'xchg', isToRegister: false }],
  [0x89, { mnemonic: 'mov', isToRegister: false }],
  [0x8b, { mnemonic: 'mov', isToRegister: true }],
]);

/** The mnemonic of an opcode whose last three bits are the low ones of a register's number (Intel SDM volume 2, appendix A.3); null for any other. */
export function numberedOpcode(opcode: number): string | null {
  if (opcode >> 3 === 0x50 >> 3) return 'push';
  return opcode >> 3 === 0x58 >> 3 ? 'pop' : null;
}

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
  ['0f 01 df', 'invlpga'],
  ['66 0f 01 cc', 'tdcall'],
  ['66 0f 01 cf', 'seamcall'],
  ['0f 01 ca', 'clac'],
  ['0f 01 cb', 'stac'],
  ['0f 01 d0', 'xgetbv'],
  ['0f 01 d1', 'xsetbv'],
  ['0f 01 ee', 'rdpkru'],
  ['0f 01 ef', 'wrpkru'],
  ['0f 01 f8', 'swapgs'],
  ['0f 01 f9', 'rdtscp'],
  ['f3 0f 1e fa', 'endbr64'],
  ['f3 90', 'pause'],
]);

/**
 * Instructions with a ModRM byte that change no general-purpose register, and that kernels wrote as bytes (`ASM_VMX_VMWRITE_RSP_RDX`;
 * Intel SDM volume 3C chapter 31): the bytes before it, ModRM.reg where that is part of the opcode, and the mnemonic.
 */
const WITH_MODRM: readonly (readonly [before: string, reg: number | null, mnemonic: string])[] = [
  ['0f 79', null, 'vmwrite'],
  ['0f c7', 6, 'vmptrld'],
  ['66 0f c7', 6, 'vmclear'],
  ['f3 0f c7', 6, 'vmxon'],
  ['66 0f 38 80', null, 'invept'],
  ['66 0f 38 81', null, 'invvpid'],
  ['66 0f 38 82', null, 'invpcid'],
];

/** The mnemonic of the instruction that bytes encode, of those whose operands make no difference; or null. A byte that isn't known is null. */
export function wholeInstruction(bytes: readonly (number | null)[]): string | null {
  const written = bytes.map((byte) => byte?.toString(16).padStart(2, '0') ?? '??');
  const modrm = bytes.at(-1) ?? 0;
  const before = written.slice(0, -1).join(' ');
  const isIt = ([opcode, reg]: (typeof WITH_MODRM)[number]) =>
    opcode === before && (reg === null || reg === ((modrm >> 3) & 7));
  return WHOLE.get(written.join(' ')) ?? WITH_MODRM.find(isIt)?.[2] ?? null;
}
