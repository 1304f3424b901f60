import { describe, expect, it } from 'vitest';
import type { AsmInstruction } from '../../server/src/syntax/assembler/instruction.js';
import type { ObservedStep } from '../../server/src/syntax/flow/flowObserver.js';
import { statementFlow } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import { headers, read, showTransfer } from './assemblyFixture.js';

function transfers(text: string, wordSize: 4 | 8 = 8, entry = /^vm(?:run|launch|resume)$/): string[] {
  return transfersIn(text, wordSize, entry).map(showTransfer);
}

function transfersIn(text: string, wordSize: 4 | 8 = 8, entry = /^vm(?:run|launch|resume)$/) {
  const code = read(text, headers([], wordSize));
  const { transfers: found } = statementFlow([{ ...code, atBeginning: new Map() }], {
    wordSize,
    exitLabels: new Set(),
    noReturn: new Set(),
    inC: new Set(),
    withoutArguments: new Set(),
    isEntry: ({ mnemonic, operands: [target] }) =>
      entry.test(mnemonic) || (mnemonic === 'call' && target?.kind === 'symbol' && target.expression.text === 'enter'),
  });
  return found;
}

describe('an observer', () => {
  const observed = (text: string) => {
    const steps: ObservedStep[] = [];
    const options = {
      wordSize: 8,
      exitLabels: new Set<string>(),
      noReturn: new Set<string>(),
      inC: new Set<string>(),
      withoutArguments: new Set<string>(),
    } as const;
    const isEntry = ({ mnemonic }: AsmInstruction) => mnemonic === 'vmresume';
    const statement = { ...read(text), atBeginning: new Map() };
    const flow = statementFlow([statement], { ...options, isEntry, observerOf: () => (step) => steps.push(step) });
    return { flow, unobserved: statementFlow([statement], { ...options, isEntry }), steps };
  };

  it('sees each step once, in the order of the text, with all that may arrive there', () => {
    const { steps } = observed('mov $2, %ecx\n1: xor %eax, %eax\ndec %ecx\njnz 1b\nvmresume');
    expect(steps.map(({ instruction: { mnemonic } }) => mnemonic)).toEqual(['mov', 'xor', 'dec', 'jnz', 'vmresume']);
    expect(steps.map(({ isBlockStart }) => isBlockStart)).toEqual([true, true, false, false, false]);
    const kinds = (step: ObservedStep | undefined) => step?.before.registers.get('RAX')?.map(({ kind }) => kind);
    expect(kinds(steps[1])).toEqual(['host', 'constant']);
    expect(steps.at(-1)).toMatchObject({ before: { isAfterEntry: false }, after: { isAfterEntry: true } });
  });

  it('changes nothing', () => {
    const { flow, unobserved } = observed('push %rdi\ncall other\n1: mov 8(%rdi), %rcx\njz 1b\nvmresume\npop (%rsi)');
    expect(flow).toEqual(unobserved);
  });
});

describe('the moves of assembly', () => {
  it('tells loads before VM-entry and stores after it', () => {
    expect(transfers('mov 8(%rdi), %rcx\nmov 56(%rdi), %rdi\nvmresume\npop %rax\nmov %rcx, 8(%rsi)')).toEqual([
      'load RCX guest before-entry argument 1 + 8',
      'load RDI guest before-entry argument 1 + 56',
      'store RCX guest after-entry guest RSI + 8',
    ]);
  });

  it('takes a structure that the stack pointer is set to for one', () => {
    const text = `
	mov %rsp, %rax
	lea 128(%rdi), %rsp
	popp %r16
	pop %r17
	pop %r18
	mov (%rsp), %r19
	mov %rax, %rsp
	push %rdi
	vmlaunch
	mov (%rsp), %rdi
	mov %rsp, %rax
	lea 160(%rdi), %rsp
	push %r19
	push %r18
	push %r17
	pushp %r16
	mov %rax, %rsp`;
    expect(transfers(text)).toEqual([
      'load R16 guest before-entry argument 1 + 128',
      'load R17 guest before-entry argument 1 + 136',
      'load R18 guest before-entry argument 1 + 144',
      'load R19 guest before-entry argument 1 + 152',
      'store R19 guest after-entry argument 1 + 152',
      'store R18 guest after-entry argument 1 + 144',
      'store R17 guest after-entry argument 1 + 136',
      'store R16 guest after-entry argument 1 + 128',
    ]);
  });

  it('does not decide which of two words of a structure each register of a pair has', () => {
    const text = `
	mov %rsp, %rax
	lea 8(%rdi), %rsp
	pop2 %r18, %r17
	mov %rax, %rsp
	push %rdi
	vmlaunch
	mov (%rsp), %rdi
	lea 24(%rdi), %rsp
	push2 %r17, %r18`;
    const moved = transfersIn(text).map(({ direction, displacement, moves }) => [
      direction,
      displacement?.constant,
      ...[...moves].sort(),
    ]);
    expect(moved).toEqual([
      ['load', 8, 'R17', 'R18'],
      ['load', 16, 'R17', 'R18'],
      ['store', 16, 'R17', 'R18'],
      ['store', 8, 'R17', 'R18'],
    ]);
  });

  it('knows arithmetic that writes another operand', () => {
    const text = 'add $8, %rdi, %rcx\ninc %rdi, %rdx\nmov (%rdi), %r16\nmov (%rcx), %r17\nmov (%rdx), %r18\nvmlaunch';
    expect(transfers(text)).toEqual([
      'load R16 guest before-entry argument 1 + 0',
      'load R17 guest before-entry computed + 0',
      'load R18 guest before-entry computed + 0',
    ]);
  });

  it('pushes and pops two registers at once, the last operand first', () => {
    const text = 'push2 %rdi, %rbx\nvmlaunch\npop2p %rbx, %rdi\nmov %rcx, 8(%rdi)';
    expect(transfers(text)).toEqual(['store RCX guest after-entry argument 1 + 8']);
  });

  it('follows an argument and a guest register through the stack', () => {
    const text = `
	push %rdi
	call update
	mov (%rsp), %rdi
	mov SLOT(%rdi), %rdi
	vmlaunch
	push %rdi
	mov 8(%rsp), %rdi
	mov %rax, REGS(%rdi)
	pop SLOT(%rdi)`;
    expect(transfers(text)).toEqual([
      'load RDI guest before-entry argument 1 + SLOT',
      'store RAX guest after-entry argument 1 + REGS',
      'store RDI guest after-entry argument 1 + SLOT',
    ]);
  });

  it('finds the register that a loaded value reaches at VM-entry', () => {
    expect(
      transfers('mov (%rsi), %r11\nmov 8(%rsi), %rcx\nmov %r11, %rax\nxor %r11, %r11\nmov $1, %ecx\nvmresume'),
    ).toEqual(['load RAX guest before-entry argument 2 + 0', 'load RCX host before-entry argument 2 + 8']);
  });

  it('adds up lea and add', () => {
    expect(transfers('lea REGS(%rdi), %rsi\nadd $16, %rsi\nmov 8(%rsi), %r16\nvmresume')).toEqual([
      'load R16 guest before-entry argument 1 + REGS+24',
    ]);
  });

  it('tells host registers from the guest’s', () => {
    expect(transfers('push %rbp\nmov %rsp, %rbp\nmov %r15, 0x378(%rdx)\nmov %rdi, 0x338(%rdx)\nvmrun %rax')).toEqual([
      'store R15 host before-entry argument 3 + 888',
      'store RDI host before-entry argument 3 + 824',
    ]);
  });

  it('knows that VMRUN keeps RAX', () => {
    expect(transfers('mov VMCB(%rdi), %rax\nmov 8(%rdi), %rbx\nvmrun %rax\nmov %rbx, 8(%rax)')).toEqual([
      'load RAX host before-entry argument 1 + VMCB',
      'load RBX guest before-entry argument 1 + 8',
      'store RBX guest after-entry loaded(argument 1 + VMCB) + 8',
    ]);
  });

  it('takes a call for VM-entry when told so', () => {
    expect(transfers('push %rsi\nmov 8(%rsi), %rcx\ncall enter\npush %rax\nmov 8(%rsp), %rax\npop (%rax)')).toEqual([
      'load RCX guest before-entry argument 2 + 8',
      'store RAX guest after-entry argument 2 + 0',
    ]);
  });

  it('forgets what a call may change', () => {
    expect(transfers('mov %rdi, %rbx\ncall other\nmov %rcx, 8(%rdi)\nmov %rcx, 8(%rbx)\nvmrun')).toEqual([
      'store RCX unknown before-entry clobbered + 8',
      'store RCX unknown before-entry argument 1 + 8',
    ]);
  });

  it('goes on with the state of the jump at a label behind ret', () => {
    const text = `
	ALTERNATIVE "", "jmp 8f", FEATURE
1:	vmrun %rax
	mov %rbx, 8(%rdi)
	ret
8:	mov %eax, SPEC(%rdi)
	jmp 1b`;
    expect(transfers(text)).toEqual([
      'store RBX guest after-entry guest RDI + 8',
      'store RAX host before-entry argument 1 + SPEC',
    ]);
  });

  it('keeps the branches of an #if apart', () => {
    const text = `
	push %rdi
#ifdef CONFIG_A
	push %rbx
	mov %rsi, %rax
	pop %rbx
#else
	mov %rsi, %rax
	mov %rdx, %rbx
#endif
	mov %rcx, 8(%rax)
	mov %rcx, 8(%rbx)
	pop %rdx
	mov %rcx, 8(%rdx)`;
    expect(transfers(text)).toEqual([
      'store RCX host no-entry argument 2 + 8',
      'store RCX host no-entry host RBX + 8',
      'store RCX host no-entry argument 3 + 8',
      'store RCX host no-entry argument 1 + 8',
    ]);
  });

  it('reads the arguments of a 32-bit kernel', () => {
    expect(transfers('mov 4(%eax), %ecx\npush %edx\nvmresume\nxchg (%esp), %eax\nmov %ecx, 4(%eax)', 4)).toEqual([
      'load RCX guest before-entry argument 1 + 4',
      'store RCX guest after-entry argument 2 + 4',
    ]);
  });

  it('leaves out the stack, RIP-relative and other sections’ code', () => {
    const text =
      'mov 8(%rsp), %rax\nmov x(%rip), %rax\nmov %gs:x, %rax\n.pushsection .fixup, "ax"\nmov (%rdi), %rax\n.popsection';
    expect(transfers(text)).toEqual([]);
  });
});
