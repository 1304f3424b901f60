import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { inlineAsmOffsets, readInlineAsm } from '../../server/src/syntax/assembler/inlineAsm.js';
import { statementFlow } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import { headers, showInstruction, showTransfer } from './assemblyFixture.js';

/** The old way of the world switch, in our own words. */
const text = String.raw`
#define RUN_IT ".byte 0x0f, 0x01, 0xc3"
static void run(struct vcpu_vmx *vmx)
{
	asm volatile (
		"push %%" _ASM_BP "; push %%" _ASM_CX " \n\t" /* room */
		"push %%" _ASM_CX " \n\t"
		"mov %c[rax](%0), %%" _ASM_AX " \n\t"
#ifdef CONFIG_X86_64
		"mov %c[r8](%0),  %%r8  \n\t"
#endif
		"mov %c[rcx](%0), %%" _ASM_CX " \n\t"
		"1: " __ex(RUN_IT) "\n\t"
		"mov %0, %c[wordsize](%%" _ASM_SP ") \n\t"
		"pop %0 \n\t"
		"mov %%" _ASM_AX ", %c[rax](%0) \n\t"
		__ASM_SIZE(pop) " %c[rcx](%0) \n\t"
		"pop %%" _ASM_BP
	      : : "c"(vmx),
		[rax]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RAX])),
		[rcx]"i"(offsetof(struct vcpu_vmx,
			vcpu.arch.regs[VCPU_REGS_RCX])),
#ifdef CONFIG_X86_64
		[r8]"i"(offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R8])),
#endif
		[wordsize]"i"(sizeof(ulong))
	      : "cc", "memory");
}
`;
const environment = headers([text, '#define __ASM_SIZE(inst, ...) inst##q##__VA_ARGS__']);

function readAll(source: string) {
  return inlineAsmOffsets(source).flatMap((offset) => readInlineAsm(source, offset, { environment }) ?? []);
}

describe('readInlineAsm', () => {
  const [asm] = readAll(text);

  it('reads the instructions, each at its own place', () => {
    expect(asm?.instructions.map(showInstruction)).toEqual([
      'push RBP',
      'push RCX',
      'push RCX',
      'mov offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RAX])(RCX), RAX',
      'mov offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_R8])(RCX), R8',
      'mov offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RCX])(RCX), RCX',
      'vmresume',
      'mov RCX, 8(RSP)',
      'pop RCX',
      'mov RAX, offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RAX])(RCX)',
      'popq offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RCX])(RCX)',
      'pop RBP',
    ]);
    const places = asm?.instructions.map(({ start, end }) => text.slice(start, end));
    expect(places?.[0]).toBe('push %%" _ASM_BP');
    expect(places?.[4]).toBe('mov %c[r8](%0),  %%r8');
    expect(places?.[6]).toBe('RUN_IT');
    expect(asm?.instructions[4]?.conditions.map(guardText)).toEqual(['CONFIG_X86_64']);
    expect(asm?.instructions[6]?.labels).toEqual(['1']);
  });

  it('reads what is patched in, with its operands', () => {
    const [patched] = readAll(
      'asm volatile(ALTERNATIVE("nop", "mov %%" _ASM_CX ", 8(%[regs])\\n\\tmov %%r8, 64(%[regs])", X86_FEATURE_X) : : [regs]"a"(regs));',
    );
    expect(patched?.alternatives.map(({ branches }) => branches)).toEqual([2]);
    expect(patched?.instructions.map((one) => `${String(one.alternative?.branch)} ${showInstruction(one)}`)).toEqual([
      '0 nop',
      '1 mov RCX, 8(RAX)',
      '1 mov R8, 64(RAX)',
    ]);
  });

  it.each(['asm inline volatile', 'asm goto', 'asm_inline volatile', 'asm_volatile_goto'])('reads %s', (words) => {
    const [one] = readAll(`${words}("mov %%rcx, 8(%[regs])" : : [regs]"a"(regs) : : fail);`);
    expect(one?.instructions.map(showInstruction)).toEqual(['mov RCX, 8(RAX)']);
  });

  it('reads the operands with their places', () => {
    expect(asm?.operands.map(({ name, gpr }) => [name, gpr])).toEqual([
      [null, 'RCX'],
      ['rax', null],
      ['rcx', null],
      ['r8', null],
      ['wordsize', null],
    ]);
    const rcx = asm?.operands[2];
    expect(text.slice(rcx?.start, rcx?.end)).toContain('\n\t\t\tvcpu.arch.regs[VCPU_REGS_RCX]');
  });

  it('follows the registers', () => {
    const slot = (name: string) => `vmx + offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_${name}])`;
    const { transfers } = statementFlow(asm ? [asm] : [], {
      wordSize: 8,
      isEntry: ({ mnemonic }) => mnemonic === 'vmresume',
      exitLabels: new Set(),
      noReturn: new Set(),
      inC: new Set(),
      withoutArguments: new Set(),
    });
    expect(transfers.map(showTransfer)).toEqual([
      `load RAX guest before-entry ${slot('RAX')}`,
      `load R8 guest before-entry ${slot('R8')}`,
      `load RCX guest before-entry ${slot('RCX')}`,
      `store RAX guest after-entry ${slot('RAX')}`,
      `store RCX guest after-entry ${slot('RCX')}`,
    ]);
  });

  it('reads named registers, numbers with modifiers, and outputs before inputs', () => {
    const source = 'asm("mov %[from], %q1; mov %%rbx, 8(%2)" : [from] "=a" (x), "+d" (y) : "S" (&z));';
    expect(readAll(source)[0]?.instructions.map(showInstruction)).toEqual(['mov RAX, RDX', 'mov RBX, 8(RSI)']);
  });

  it('gives nothing for what is no statement', () => {
    expect(readInlineAsm('asm', 0, { environment })).toBeNull();
    expect(readAll('/* asm("nop") */ "asm" asmlinkage')).toEqual([]);
  });

  it('never throws, and offsets lie in the text', () => {
    const words = String.raw`"mov "%% %0 %[a] %c[a]( ) ( , : \n " _ASM_AX __ex( #ifdef [a]"i"(x) "c"(y) ; RUN_IT`.split(
      ' ',
    );
    const word = fc.constantFrom(...words, '\n', ' ');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 50 }), (list) => {
        const source = `asm (${list.join('')}`;
        for (const { start, end, instructions, operands } of readAll(source)) {
          for (const span of [
            { start, end },
            ...instructions,
            ...operands,
            ...instructions.flatMap((i) => i.operands),
          ]) {
            expect(0 <= span.start && span.start <= span.end && span.end <= source.length).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

it('the compiler loads operands before the first instruction, and stores them behind the last', () => {
  const statement = 'asm("1: vmresume; jz 2f; 2:" : "+b"(regs[3]), "=c"(left) : "a"(vmx), "1"(regs[1]), [n]"i"(8))';
  const read = readInlineAsm(statement, 0, { environment, withOperandMoves: true });
  expect(read?.instructions.map(showInstruction)).toEqual([
    'mov (%[&0]), RBX',
    'mov (%[&3]), RCX',
    'vmresume',
    'jz 2f',
    'mov RBX, (%[&0])',
    'mov RCX, (%[&1])',
  ]);
  expect(read?.instructions[4]?.labels).toEqual(['2']);
  expect(read?.operands.map(({ gpr }) => gpr)).toEqual(['RBX', 'RCX', 'RAX', 'RCX', null]);
});
