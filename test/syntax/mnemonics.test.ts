import { describe, expect, it } from 'vitest';
import { branchCondition, instructionEffect } from '../../server/src/syntax/x86/mnemonics.js';

describe('instructionEffect', () => {
  it.each([
    ['mov', 'movq', { name: 'mov', writes: 'last', keepsFlags: true, control: 'next' }],
    ['a mnemonic that ends like a suffix', 'sub', { name: 'sub', writes: 'last', keepsFlags: false }],
    ['a bit test', 'btq', { name: 'bt', writes: 'none', keepsFlags: false }],
    ['a bit test that sets the bit', 'btsq', { name: 'bts', writes: 'last' }],
    ['an exchange', 'xchgl', { name: 'xchg', writes: 'all', keepsFlags: true }],
    ['what is written without a name', 'rdmsr', { writes: 'none', implicit: ['RAX', 'RDX'] }],
    ['a set flag', 'setnz', { writes: 'last', keepsFlags: true }],
    ['a branch', 'jnz', { writes: 'none', keepsFlags: true, control: 'branch' }],
    ['a jump', 'jmpq', { name: 'jmp', control: 'jump' }],
    ['a call', 'call', { name: 'call', control: 'call' }],
    ['a return', 'retq', { name: 'ret', control: 'return' }],
    ['an invalid instruction', 'ud2', { control: 'stop' }],
    ['VM-entry', 'vmresume', { writes: 'none', control: 'next' }],
  ])('knows %s', (_what, mnemonic, effect) => {
    expect(instructionEffect(mnemonic)).toMatchObject(effect);
  });

  it.each(['.byte', 'RET', 'UNKNOWN_MACRO', 'movx', 'retz', 'constructor', ''])('does not know %j', (mnemonic) => {
    expect(instructionEffect(mnemonic)).toBeNull();
  });
});

describe('branchCondition', () => {
  it('tells the flag that decides alone', () => {
    expect(['jz', 'jne', 'jc', 'jae'].map(branchCondition)).toEqual([
      { flag: 'ZF', isSet: true },
      { flag: 'ZF', isSet: false },
      { flag: 'CF', isSet: true },
      { flag: 'CF', isSet: false },
    ]);
  });

  it('tells nothing of other branches, and of what is none', () => {
    expect(['ja', 'jle', 'jmp', 'mov'].map(branchCondition)).toEqual([null, null, null, null]);
  });
});
