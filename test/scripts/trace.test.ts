import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { samplePath } from '../samples.js';
import { temporaryTree } from '../tree/temporaryTree.js';

const script = fileURLToPath(new URL('../../scripts/trace.mjs', import.meta.url));

function trace(tree: string, name: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, tree, name], { encoding: 'utf8' });
  return { status, lines: stdout.split('\n').map(collapsed), stderr };
}

/** A line with its columns two spaces apart. */
function collapsed(line: string): string {
  return line.replace(/ {2,}/g, '  ');
}

const assembly = `
SYM_FUNC_START(run)
	push %rbp
	test %rsi, %rsi
	jz 1f
	mov 8(%rdi), %rcx
	twist %rdx
	hush
1:	vmrun %rax
	mov %rcx, 8(%rdi)
	pop %rbp
	RET
SYM_FUNC_END(run)
`;

test('shows what each instruction changes, what differs where ways meet, and what is not understood', () => {
  const tree = temporaryTree({ 'arch/x86/kvm/x86.c': '', 'arch/x86/kvm/svm/vmenter.S': assembly });
  expect(trace(tree, 'run').lines).toEqual([
    'run',
    '-- run:',
    'arch/x86/kvm/svm/vmenter.S:3  push %rbp  RSP: {stack+0} -> {stack-8}',
    '  [stack-8]: {host:RBP}',
    'arch/x86/kvm/svm/vmenter.S:4  test %rsi, %rsi',
    'arch/x86/kvm/svm/vmenter.S:5  jz 1f',
    'arch/x86/kvm/svm/vmenter.S:6  mov 8(%rdi), %rcx  RCX: {argument:RCX} -> {loaded:8(argument:RDI)}',
    'arch/x86/kvm/svm/vmenter.S:7  twist %rdx  RDX: {argument:RDX} -> {argument:RDX, unknown:instruction twist:7}',
    'arch/x86/kvm/svm/vmenter.S:8  hush  not understood: instruction hush:8',
    '-- 1:  RCX: {loaded:8(argument:RDI)} -> {argument:RCX, loaded:8(argument:RDI)}',
    'arch/x86/kvm/svm/vmenter.S:9  vmrun %rax  the guest runs, then VM-exit',
    expect.stringMatching(/^ {2}the guest's own: RCX RDX .* R31$/),
    'arch/x86/kvm/svm/vmenter.S:10  mov %rcx, 8(%rdi)  8(guest:RDI): {guest:RCX}',
    'arch/x86/kvm/svm/vmenter.S:11  pop %rbp  RSP: {stack-8} -> {stack+0}',
    '  RBP: {guest:RBP} -> {host:RBP}',
    'arch/x86/kvm/svm/vmenter.S:12  RET',
    '',
  ]);
});

test('follows the asm() statements of a function in C', () => {
  const { status, lines } = trace(samplePath('inline-asm'), 'vmx_vcpu_run');
  expect(status).toBe(0);
  expect(lines).toContain('arch/x86/kvm/vmx.c:211  push %rcx  RSP: {stack-16} -> {stack-24}');
  expect(lines).toContain('  [stack-24]: {operand:vmx}');
});

test('says which functions there are for a name that is none', () => {
  const { status, lines, stderr } = trace(samplePath('vcpu-offsets'), 'nothing');
  expect({ status, lines }).toEqual({ status: 2, lines: [''] });
  expect(stderr).toMatch(/^no function 'nothing' is followed in .*; these are: .*__vmx_vcpu_run/);
});

test('CONTRIBUTING.md shows lines of a trace as they are', () => {
  const page = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8');
  const [, shown = ''] =
    /```text\n\$ npm run --silent trace -- samples\/vcpu-offsets __vmx_vcpu_run\n([^]*?)```/.exec(page) ?? [];
  const lines = shown.split('\n').filter((line) => line !== '' && line !== '...');
  expect(lines.length).toBeGreaterThan(5);
  const printed = trace(samplePath('vcpu-offsets'), '__vmx_vcpu_run').lines;
  expect(printed).toEqual(expect.arrayContaining(lines.map(collapsed)));
});
