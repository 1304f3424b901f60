import { describe, expect, it } from 'vitest';
import { slotAnswer } from '../../server/src/syntax/flow/slotAnswer.js';
import { statementFlow } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import { headers, read } from './assemblyFixture.js';

const SLOT = 8;

/** What is said of RCX, whose slot is at 8 behind argument 1, or behind what a symbol REGS names: `load/store`, with the doubts' names. */
function answers(text: string): string {
  const { flow } = statementFlow([{ ...read(text, headers([])), atBeginning: new Map() }], {
    wordSize: 8,
    exitLabels: new Set(),
    noReturn: new Set(),
    inC: new Set(),
    withoutArguments: new Set(),
    isEntry: ({ mnemonic }) => mnemonic === 'vmrun',
  });
  if (!flow) return 'no VM-entry';
  return (['load', 'store'] as const)
    .map((direction) => {
      const answer = slotAnswer(flow, {
        gpr: 'RCX',
        direction,
        isSlot: ({ base, displacement }) =>
          displacement?.constant === SLOT &&
          (displacement.symbols.has('REGS') ||
            (displacement.symbols.size === 0 && base.kind === 'argument' && base.index === 1)),
      });
      const names = answer.kind === 'unknown' ? answer.doubts.map(({ name }) => name) : [];
      return [answer.kind, ...names].join(' ');
    })
    .join('/');
}

describe('what is said of a register and its slot', () => {
  it.each([
    ['a load and a store', 'push %rdi\nmov 8(%rdi), %rcx\nvmrun\npop %rax\nmov %rcx, 8(%rax)', 'found/found'],
    ['none', 'mov 8(%rsi), %rdx\nvmrun\nret', 'absent/absent'],
    ['another value behind the load', 'mov 8(%rdi), %rcx\nmov $1, %ecx\nvmrun\nret', 'absent/absent'],
    [
      'another value before the store',
      'push %rdi\nvmrun\npop %rax\nxor %ecx, %ecx\nmov %rcx, 8(%rax)\nret',
      'absent/absent',
    ],
    ['a way around the load', 'test %rsi, %rsi\njz 1f\nmov 8(%rdi), %rcx\n1: vmrun\nret', 'found/absent'],
    ['an unknown macro', 'FOO\nvmrun\nret', 'unknown FOO/unknown FOO'],
    ['an unknown macro behind VM-exit', 'vmrun\nFOO\nret', 'absent/unknown FOO'],
    ['a macro with the register as its operand', 'FOO %rcx\nvmrun\nret', 'unknown FOO/unknown FOO'],
    ['a base that may be anything', 'FOO %rsi\nmov 8(%rsi), %rcx\nvmrun\nret', 'unknown FOO/unknown FOO'],
    [
      'a base out of memory, and an offset with a name',
      'mov 16(%rdi), %rax\nmov REGS+8(%rax), %rcx\nvmrun\nret',
      'unknown vmrun/absent',
    ],
    ['a base out of memory', 'mov 16(%rdi), %rax\nmov 8(%rax), %rcx\nvmrun\nret', 'unknown vmrun/absent'],
    [
      'a base out of a variable, and an offset with a name',
      'mov %gs:x, %rax\nmov REGS+8(%rax), %rcx\nvmrun\nret',
      'found/absent',
    ],
    ['what a shift leaves of a slot', 'mov 8(%rdi), %rcx\nshr $32, %rcx\nvmrun\nret', 'absent/absent'],
    ['a half of the slot', 'mov 8(%rdi), %ecx\nvmrun\nret', 'unknown mov/absent'],
    ['a quarter of the slot', 'mov 8(%rdi), %cx\nvmrun\nret', 'unknown mov/absent'],
    ['a half of another word', 'mov 16(%rdi), %ecx\nvmrun\nret', 'absent/absent'],
    ['half of the register', 'push %rdi\nvmrun\npop %rax\nmov %ecx, 8(%rax)\nret', 'absent/unknown mov'],
    ['its lowest byte', 'push %rdi\nvmrun\npop %rax\nmov %cl, 8(%rax)\nret', 'absent/unknown mov'],
    [
      'a half by way of another register',
      'push %rdi\nvmrun\npop %rax\nmov %ecx, %edx\nmov %rdx, 8(%rax)\nret',
      'absent/unknown mov',
    ],
    ['a half that is exchanged', 'push %rdi\nvmrun\npop %rax\nxchg %ecx, 8(%rax)\nret', 'absent/unknown xchg'],
    ['the host’s RBX as base', 'vmrun\nmov %rcx, REGS+8(%rbx)\nret', 'absent/absent'],
    ['an end that is not known', 'vmrun\njmp *%rax', 'absent/unknown jmp'],
    ['no end', 'vmrun\n1: jmp 1b', 'absent/unknown vmrun'],
    ['VM-entry again', '1: vmrun\nFOO\ntest %rdx, %rdx\njz 1b\nret', 'unknown FOO/unknown FOO'],
    [
      'Intel syntax',
      '.intel_syntax noprefix\nmov rcx, [rdi + 8]\nvmrun\nret',
      'unknown .intel_syntax/unknown .intel_syntax',
    ],
  ])('%s', (_, text, expected) => {
    expect(answers(text)).toBe(expected);
  });
});
