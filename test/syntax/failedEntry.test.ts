import { expect, it } from 'vitest';
import { controlFlowGraph } from '../../server/src/syntax/flow/controlFlowGraph.js';
import { afterFailedEntry } from '../../server/src/syntax/flow/failedEntry.js';
import { read } from './assemblyFixture.js';

/** The registers that are stored behind a VM-entry that has failed. */
function storedOnVmFail(text: string): string[] {
  return [...afterFailedEntry(controlFlowGraph(read(text)))].flatMap(({ mnemonic, operands: [from] }) =>
    mnemonic === 'mov' && from?.kind === 'register' ? [from.name] : [],
  );
}

const EXIT = 'SYM_INNER_LABEL(vmx_vmexit, SYM_L_GLOBAL)\nmov %rax, (%rdi)\n';

it.each([
  ['what both ways come to', `vmlaunch\njmp .Lfail\n${EXIT}.Lboth: mov %r16, (%rdi)\nret\n.Lfail: jmp .Lboth`, ['r16']],
  ['under a run flag', `vmresume\njmp 1f\n${EXIT}1: test $EGPRS, %ebx\njz 2f\nmov %r16, (%rdi)\n2: ret`, ['r16']],
  ['behind VMRESUME and VMLAUNCH at once', 'vmresume\njmp 1f\nvmlaunch\n1: mov %rax, (%rdi)\nret', ['rax']],
  ['in an ALTERNATIVE', 'vmlaunch\nALTERNATIVE "jmp 1f", "", X86_FEATURE_APX\nmov %r16, (%rdi)\n1: ret', ['r16']],
  ['behind a call', 'vmlaunch\ncall clean\nmov %r16, (%rdi)\nret', ['r16']],
  ['in a function that is called', 'vmlaunch\ncall keep\nret\nkeep: mov %r16, (%rdi)\nret', ['r16']],
  ['behind a test of a member', 'vmlaunch\ncmpb $0, VMX_egprs(%rdi)\nje 1f\nmov %r16, (%rdi)\n1: ret', ['r16']],
  [
    'where the flags say that it has failed',
    'vmlaunch\nja 1f\nmov %r16, (%rdi)\nret\n1: mov %r17, (%rdi)\nret',
    ['r16'],
  ],
  ['and where they say that it has not', 'vmlaunch\njbe 1f\nmov %r16, (%rdi)\nret\n1: mov %r17, (%rdi)\nret', ['r17']],
  [
    'behind a test of a result, which is not followed',
    'vmlaunch\ntest %eax, %eax\njnz 1f\nmov %r16, (%rdi)\n1: ret',
    [],
  ],
  ['behind one flag of two', 'vmlaunch\njc 1f\nmov %r16, (%rdi)\n1: mov %r17, (%rdi)\nret', []],
  ['behind VM-exit alone', `vmlaunch\nud2\n${EXIT}mov %r16, (%rdi)\nret`, []],
  ['behind VMRUN, which goes on there at #VMEXIT', 'vmrun %rax\nmov %r16, (%rdi)\nret', []],
])('stores on VM-fail: %s', (_, text, stored) => {
  expect(storedOnVmFail(text)).toEqual(stored);
});
