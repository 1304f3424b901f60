/** A general-purpose register by its 64-bit name (`RAX`, `R8`, `R16`), whatever part of it an operand names. */
export type Gpr = string;

/** A register operand's register: its GPR and how many bits of it. */
interface RegisterPart {
  readonly gpr: Gpr;
  readonly width: 8 | 16 | 32 | 64;
}

const LETTERED = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];

/** All GPRs in hardware order: 16, and R16-R31 of Intel APX. */
export const GPRS: readonly Gpr[] = [
  ...LETTERED.map((name) => `R${name.toUpperCase()}`),
  ...Array.from({ length: 24 }, (_, i) => `R${i + 8}`),
];

/** Names of all parts of the GPRs (Intel SDM volume 1, 3.4.1.1; R16-R31: Intel APX specification, 3.1). */
const PARTS: ReadonlyMap<string, RegisterPart> = new Map([...letteredParts(), ...numberedParts()]);

function letteredParts(): [string, RegisterPart][] {
  return LETTERED.flatMap((name): [string, RegisterPart][] => {
    const gpr = `R${name.toUpperCase()}`;
    const low = name.endsWith('x') ? name.replace('x', 'l') : `${name}l`;
    const high: [string, RegisterPart][] = name.endsWith('x') ? [[name.replace('x', 'h'), { gpr, width: 8 }]] : [];
    return [
      [`r${name}`, { gpr, width: 64 }],
      [`e${name}`, { gpr, width: 32 }],
      [name, { gpr, width: 16 }],
      [low, { gpr, width: 8 }],
      ...high,
    ];
  });
}

function numberedParts(): [string, RegisterPart][] {
  return Array.from({ length: 24 }, (_, i) => `r${i + 8}`).flatMap((name): [string, RegisterPart][] => {
    const gpr = name.toUpperCase();
    return [
      [name, { gpr, width: 64 }],
      [`${name}d`, { gpr, width: 32 }],
      [`${name}w`, { gpr, width: 16 }],
      [`${name}b`, { gpr, width: 8 }],
    ];
  });
}

/** The 16 registers that Intel APX adds. An XSAVE component holds them; kernel C does not use them. */
export const EGPRS: ReadonlySet<Gpr> = new Set(GPRS.slice(16));

/** The GPR that a name without `%` means, or null for any other register. */
export function registerPart(name: string): RegisterPart | null {
  return PARTS.get(name.toLowerCase()) ?? null;
}

/**
 * The GPRs that hold a function's arguments, the first argument's first: System V psABI 3.2.3, and `-mregparm=3`, which
 * 32-bit x86 kernels are built with. `wordSize` in bytes.
 */
export function argumentRegisters(wordSize: 4 | 8): readonly Gpr[] {
  return wordSize === 8 ? ['RDI', 'RSI', 'RDX', 'RCX', 'R8', 'R9'] : ['RAX', 'RDX', 'RCX'];
}

/** The GPRs that a call may change (psABI 3.2.1). R16-R31 are volatile by the psABI, but kernel C does not use them. */
export function volatileRegisters(wordSize: 4 | 8): readonly Gpr[] {
  if (wordSize === 4) return ['RAX', 'RCX', 'RDX'];
  return ['RAX', 'RCX', 'RDX', 'RSI', 'RDI', 'R8', 'R9', 'R10', 'R11'];
}

const WORD_BITS = { 4: 32, 8: 64 } as const;

/** Bits by the letter behind `_ASM_ARG1`. */
const SUFFIX_BITS: ReadonlyMap<string, RegisterPart['width']> = new Map([
  ['Q', 64],
  ['L', 32],
  ['W', 16],
  ['B', 8],
]);

/**
 * The register, without `%`, that a name of the kernel's asm/asm.h stands for, for trees that lack the header: `rax` or `eax`
 * for `_ASM_AX`, `esi` for `_ASM_ARG2L`. null for any other name. `wordSize` in bytes.
 */
export function kernelRegisterName(name: string, wordSize: 4 | 8): string | null {
  const lettered = /^_ASM_([ABCD]X|[SB]P|[SD]I)$/.exec(name)?.[1];
  if (lettered !== undefined) return (wordSize === 8 ? 'r' : 'e') + lettered.toLowerCase();
  const [, number, suffix = ''] = /^_ASM_ARG([1-6])([QLWB]?)$/.exec(name) ?? [];
  const gpr = number === undefined ? undefined : argumentRegisters(wordSize)[Number(number) - 1];
  return gpr === undefined ? null : partName(gpr, SUFFIX_BITS.get(suffix) ?? WORD_BITS[wordSize]);
}

/** The name of a part of a GPR: `r16d` of R16 and 32 bits. */
export function partName(gpr: Gpr, width: RegisterPart['width']): string {
  const named = [...PARTS].find(([, part]) => part.gpr === gpr && part.width === width);
  return named?.[0] ?? gpr.toLowerCase();
}
