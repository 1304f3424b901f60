import { describe, expect, it } from 'vitest';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { branchGuards } from '../../server/src/syntax/flow/branchGuards.js';
import { controlFlowGraph } from '../../server/src/syntax/flow/controlFlowGraph.js';
import { read } from './assemblyFixture.js';

/** The conditions of each `mov` of a text, by its first operand. */
function conditionsOfMoves(text: string): Record<string, readonly string[]> {
  const code = read(text);
  const guards = branchGuards(controlFlowGraph(code));
  return Object.fromEntries(
    code.instructions.flatMap((instruction) => {
      const { mnemonic, operands } = instruction;
      const [from] = operands;
      return mnemonic === 'mov' && from?.kind === 'register'
        ? [[from.name, (guards.get(instruction) ?? []).map(guardText)]]
        : [];
    }),
  );
}

describe('the conditions that jumps put assembly under', () => {
  it.each([
    ['a bit tested with test', 'testl $FLAG, (%rsp)\njz 1f\nmov %r16, (%rdi)\n1: mov %r17, (%rdi)', ['FLAG']],
    [
      'a flag that is a #define',
      '#define FLAG (1 << 3)\ntestb $FLAG, %bl\nje .Lno\nmov %r16, (%rdi)\n.Lno: nop',
      ['FLAG'],
    ],
    [
      'several bits, by what is written: any may be set',
      'testl $(ONE | OTHER), (%rsp)\njz 1f\nmov %r16, (%rdi)\n1: nop',
      ['!(jz after testl $(ONE | OTHER), (%rsp))'],
    ],
    [
      'a #define of several others by its name',
      '#define ONE BIT(1)\n#define ANY (ONE | BIT(2))\ntestl $ANY, (%rsp)\njz 1f\nmov %r16, (%rdi)\n1: nop',
      ['ANY'],
    ],
    ['the opposite of a bit', 'test $FLAG, %ebx\njnz 1f\nmov %r16, (%rdi)\n1: nop', ['!(FLAG)']],
    ['a bit tested with bt', 'bt $SHIFT, %ebx\njnc 1f\nmov %r16, (%rdi)\n1: nop', ['SHIFT']],
    [
      'moves between the test and the jump',
      'testl $FLAG, %ebx\nmov %rax, %rcx\njz 1f\nmov %r16, (%rdi)\n1: nop',
      ['FLAG'],
    ],
    ['two tests', 'testl $A, %ebx\njz 1f\ntestl $B, %ebx\njz 1f\nmov %r16, (%rdi)\n1: nop', ['A', 'B']],
    [
      'a jump that a CPU feature patches out',
      'ALTERNATIVE "jmp 1f", "", X86_FEATURE_APX\nmov %r16, (%rdi)\n1: nop',
      ['X86_FEATURE_APX'],
    ],
    [
      'a test of no name, as written',
      'test %ebx, %ebx\njz 1f\nmov %r16, (%rdi)\n1: nop',
      ['!(jz after test %ebx, %ebx)'],
    ],
    [
      'a bit by its number',
      'btl $1, 8(%rsp)\njnc 1f\nmov %r16, (%rdi)\n1: mov %r17, (%rdi)',
      ['!(jnc after btl $1, 8(%rsp))'],
    ],
    ['an early return', 'testl $FLAG, %esi\njnz 1f\nret\n1: mov %r16, (%rdi)', ['FLAG']],
    [
      'an early return that a CPU feature jumps over',
      'ALTERNATIVE "", "jmp 1f", X86_FEATURE_APX\nret\n1: mov %r16, (%rdi)',
      ['X86_FEATURE_APX'],
    ],
    [
      'a jump that a CPU feature patches in',
      'ALTERNATIVE "", "jmp 1f", X86_FEATURE_XENPV\nmov %r16, (%rdi)\n1: nop',
      ['!(X86_FEATURE_XENPV)'],
    ],
  ])('%s', (_, text, expected) => {
    const { r16, r17 } = conditionsOfMoves(text);
    expect(r16).toEqual(expected);
    expect(r17 ?? []).toEqual([]);
  });

  it.each([
    ['a jump backwards', '1: mov %r16, (%rdi)\ntestl $FLAG, %ebx\njz 1b'],
    ['a branch on how VM-entry went', 'vmlaunch\njbe 1f\nmov %r16, (%rdi)\n1: nop'],
    ['a test that code elsewhere jumps behind', 'test %ebx, %ebx\n2: jz 1f\nmov %r16, (%rdi)\n1: nop\njmp 2b'],
    ['code that is come to without the jump too', 'testl $FLAG, %esi\njnz 1f\nnop\n1: mov %r16, (%rdi)'],
    ['flags that something else set since', 'testl $FLAG, %ebx\nadd $1, %ecx\njz 1f\nmov %r16, (%rdi)\n1: nop'],
    ['code that is jumped to from elsewhere', 'testl $FLAG, %ebx\njz 1f\n2: mov %r16, (%rdi)\n1: nop\njmp 2b'],
    ['a jump out of the function', 'testl $FLAG, %ebx\njz elsewhere\nmov %r16, (%rdi)'],
  ])('none by %s', (_, text) => {
    expect(conditionsOfMoves(text)).toEqual({ r16: [] });
  });
});
