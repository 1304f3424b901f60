import type { Gpr } from './registers.js';

/** Prefixes that are written before the mnemonic (Intel SDM volume 2, 2.1.1; GNU as manual, "i386-Prefixes"). */
const PREFIXES: ReadonlySet<string> = new Set(
  'lock rep repe repz repne repnz notrack bnd data16 addr32 rex rex64 cs ds es fs gs ss'.split(' '),
);

/** Whether a word before a mnemonic is a prefix. */
export function isPrefix(word: string): boolean {
  return PREFIXES.has(word);
}

/** What an instruction does to registers, flags and the way of control, as far as its mnemonic says. */
export interface InstructionEffect {
  /** Without the suffix by which AT&T syntax tells the operands' size: `mov` of `movq`. */
  readonly name: string;
  /** Which of its operands it writes. In AT&T order, the last one is the destination. */
  readonly writes: 'none' | 'last' | 'all';
  /** GPRs that it writes without naming them. The stack pointer is left out where it pushes or pops. */
  readonly implicit: readonly Gpr[];
  /** It hands on a value as it is, from one operand or the stack to another. */
  readonly copies: boolean;
  /** The status flags are those from before. */
  readonly keepsFlags: boolean;
  /** Where it goes on: `next` behind it, `branch` there or at its target, `jump` at its target, `call` behind it when the target returns. */
  readonly control: 'next' | 'branch' | 'jump' | 'call' | 'return' | 'stop';
}

type Row = Partial<Omit<InstructionEffect, 'name'>>;

/** What most instructions do: they write their destination and flags. */
const USUAL: Omit<InstructionEffect, 'name'> = {
  writes: 'last',
  implicit: [],
  copies: false,
  keepsFlags: false,
  control: 'next',
};

const CONDITIONS = 'o no b nae c nb ae nc z e nz ne be na nbe a s ns p pe np po l nge nl ge le ng nle g'.split(' ');

/** Instructions that may have a suffix for the operands' size (Intel SDM volume 2; AT&T mnemonics: GNU as manual, "i386-Mnemonics"). */
const SUFFIXED: readonly (readonly [names: string, effect: Row])[] = [
  ['add sub adc sbb and or xor neg inc dec shl sal shr sar rol ror bts btr btc popcnt', {}],
  ['mov movabs pop', { copies: true, keepsFlags: true }],
  ['lea not bswap rorx', { keepsFlags: true }],
  ['rcl rcr andn', {}],
  ['cmp test bt', { writes: 'none' }],
  ['push', { writes: 'none', copies: true, keepsFlags: true }],
  ['xchg', { writes: 'all', copies: true, keepsFlags: true }],
  ['xadd', { writes: 'all' }],
  ['cmpxchg', { implicit: ['RAX'] }],
  ['imul', { implicit: ['RAX', 'RDX'] }],
  ['mul div idiv', { writes: 'none', implicit: ['RAX', 'RDX'] }],
  ['pushf', { writes: 'none', keepsFlags: true }],
  ['popf', { writes: 'none' }],
  ['leave', { writes: 'none', implicit: ['RSP', 'RBP'], keepsFlags: true }],
  ['jmp', { writes: 'none', keepsFlags: true, control: 'jump' }],
  ['call', { writes: 'none', control: 'call' }],
  ['ret iret', { writes: 'none', control: 'return' }],
  ['nop', { writes: 'none', keepsFlags: true }],
];

/** Moves of a whole XMM register, 16 bytes; with VEX (`v`) of a wider one too (Intel SDM volume 2). */
export const VECTOR_MOVES = ['movups', 'movaps', 'movupd', 'movapd', 'movdqu', 'movdqa', 'lddqu'].flatMap((name) => [
  name,
  `v${name}`,
]);

/** Instructions that are written as they are (Intel SDM volumes 2 and 3C, chapter 31; Intel APX specification; AMD APM volume 3). */
const PLAIN: readonly (readonly [names: string, effect: Row])[] = [
  ['movzb movzbw movzbl movzbq movzw movzwl movzwq movsbw movsbl movsbq movswl movswq movslq', { keepsFlags: true }],
  [CONDITIONS.flatMap((condition) => [`set${condition}`, `cmov${condition}`]).join(' '), { keepsFlags: true }],
  [CONDITIONS.map((condition) => `j${condition}`).join(' '), { writes: 'none', keepsFlags: true, control: 'branch' }],
  ['jcxz jecxz jrcxz', { writes: 'none', keepsFlags: true, control: 'branch' }],
  ['loop loope loopz loopne loopnz', { writes: 'none', implicit: ['RCX'], keepsFlags: true, control: 'branch' }],
  ['cqto cltd cwtd', { writes: 'none', implicit: ['RDX'], keepsFlags: true }],
  ['rdmsr rdtsc rdpmc rdpkru xgetbv', { writes: 'none', implicit: ['RAX', 'RDX'], keepsFlags: true }],
  ['rdtscp', { writes: 'none', implicit: ['RAX', 'RCX', 'RDX'], keepsFlags: true }],
  ['cpuid', { writes: 'none', implicit: ['RAX', 'RBX', 'RCX', 'RDX'], keepsFlags: true }],
  ['cltq cwtl', { writes: 'none', implicit: ['RAX'], keepsFlags: true }],
  ['lodsb lodsw lodsl lodsq', { writes: 'none', implicit: ['RAX', 'RSI', 'RCX'], keepsFlags: true }],
  ['movsb movsw movsl movsq', { writes: 'none', implicit: ['RCX', 'RSI', 'RDI'], keepsFlags: true }],
  ['stosb stosw stosl stosq', { writes: 'none', implicit: ['RCX', 'RDI'], keepsFlags: true }],
  ['rdgsbase rdfsbase rdsspd rdsspq', { keepsFlags: true }],
  ['wrgsbase wrfsbase incsspd incsspq rstorssp clrssbsy', { writes: 'none', keepsFlags: true }],
  ['swapgs saveprevssp setssbsy pause hlt cld std clac stac lgdt lidt lldt ltr', { writes: 'none', keepsFlags: true }],
  ['prefetchw prefetcht0 prefetchnta clflush clflushopt wbinvd invlpg invpcid', { writes: 'none', keepsFlags: true }],
  ['sidt sgdt sldt str smsw stmxcsr', { keepsFlags: true }],
  ['ldmxcsr xsave xsave64 xsaveopt xrstor xrstor64 fxsave fxrstor fninit fwait fnclex emms', { writes: 'none' }],
  ['movd vmovd vmovq', { copies: true, keepsFlags: true }],
  [VECTOR_MOVES.join(' '), { copies: true, keepsFlags: true }],
  ['movdq2q movq2dq', { keepsFlags: true }],
  ['pinsrq pinsrd punpcklqdq movhlps movlhps pxor xorps pextrq pextrd', { keepsFlags: true }],
  ['wrmsr wrpkru xsetbv lfence mfence sfence endbr64 endbr32 cli sti clgi stgi', { writes: 'none', keepsFlags: true }],
  ['verw int int3 vmcall vmmcall tdcall seamcall vmclear vmptrld vmwrite vmxon vmxoff', { writes: 'none' }],
  ['vmload vmsave', { writes: 'none', keepsFlags: true }],
  ['vmlaunch vmresume vmrun', { writes: 'none' }],
  ['vmread', {}],
  ['ud2', { writes: 'none', control: 'stop' }],
  // Intel APX: the hint of a pair of push and pop changes nothing that is followed here.
  ['pushp push2 push2p', { writes: 'none', copies: true, keepsFlags: true }],
  ['popp', { copies: true, keepsFlags: true }],
  ['pop2 pop2p', { writes: 'all', copies: true, keepsFlags: true }],
  ['jmpabs', { writes: 'none', keepsFlags: true, control: 'jump' }],
];

const EFFECTS: ReadonlyMap<string, InstructionEffect> = new Map([
  ...SUFFIXED.flatMap(([names, effect]) =>
    names.split(' ').flatMap((name) => ['', 'b', 'w', 'l', 'q'].map((suffix) => effectOf(name + suffix, name, effect))),
  ),
  ...PLAIN.flatMap(([names, effect]) => names.split(' ').map((name) => effectOf(name, name, effect))),
]);

function effectOf(mnemonic: string, name: string, effect: Row): [string, InstructionEffect] {
  return [mnemonic, { name, ...USUAL, ...effect }];
}

/** What an instruction does; null for a mnemonic that is not known here, such as a macro's name. */
export function instructionEffect(mnemonic: string): InstructionEffect | null {
  return EFFECTS.get(mnemonic) ?? null;
}

const OF_SEVERAL: ReadonlySet<string> = new Set(
  'mov movabs add sub adc sbb and or xor cmp test lea xchg xadd cmpxchg bt bts btr btc'.split(' '),
);

/** Whether an instruction, without its suffix, has two operands or more however it is written (Intel SDM volume 2). */
export function needsTwoOperands(name: string): boolean {
  return OF_SEVERAL.has(name);
}

/** A flag and what it must be. */
interface FlagCondition {
  readonly flag: 'ZF' | 'CF';
  readonly isSet: boolean;
}

/** The branches that one flag decides alone (Intel SDM volume 2A, Jcc). */
const FLAG_BRANCHES: ReadonlyMap<string, FlagCondition> = new Map<string, FlagCondition>([
  ['jz', { flag: 'ZF', isSet: true }],
  ['je', { flag: 'ZF', isSet: true }],
  ['jnz', { flag: 'ZF', isSet: false }],
  ['jne', { flag: 'ZF', isSet: false }],
  ['jc', { flag: 'CF', isSet: true }],
  ['jb', { flag: 'CF', isSet: true }],
  ['jnae', { flag: 'CF', isSet: true }],
  ['jnc', { flag: 'CF', isSet: false }],
  ['jnb', { flag: 'CF', isSet: false }],
  ['jae', { flag: 'CF', isSet: false }],
]);

/** What a branch is taken for, when that is one flag; null for all other instructions. */
export function branchCondition(mnemonic: string): FlagCondition | null {
  return FLAG_BRANCHES.get(mnemonic) ?? null;
}
