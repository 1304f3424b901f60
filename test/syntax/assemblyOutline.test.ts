import { expect, test } from 'vitest';
import { assemblyOutline } from '../../server/src/syntax/assembler/assemblyOutline.js';

/** Each region with its name and how many lines it has. */
const regions = (text: string): string[] =>
  assemblyOutline(text).map(({ kind, name, start, end }) => {
    const lines = text.slice(start, end).split('\n').length;
    return `${kind} ${name ? text.slice(name.start, name.end) : '-'} ${String(lines)}`;
  });

test('functions, data, macros, conditions and repetitions are regions, within each other as they are', () => {
  const text = `
.macro SAVE regs:vararg
	.irp i, \\regs
	push \\i
	.endr
.endm

SYM_FUNC_START(__fixture_run)
#ifdef CONFIG_X86_64
	.if 1
	mov %rax, %rbx
	.endif
#endif
SYM_INNER_LABEL(inside, SYM_L_GLOBAL)
SYM_FUNC_END(__fixture_run)
SYM_DATA_START_LOCAL(table)
SYM_DATA_END(table)
`;
  expect(regions(text)).toEqual([
    'macro SAVE 5',
    'repetition - 3',
    'function __fixture_run 8',
    'conditional - 5',
    'conditional - 3',
    'data table 2',
  ]);
});

test('the forms of before 5.6 are regions too', () => {
  expect(regions('ENTRY(vmx_vmenter)\n\tret\nENDPROC(vmx_vmenter)\nENTRY(x)\nEND(x)')).toEqual([
    'function vmx_vmenter 3',
    'function x 2',
  ]);
});

test('what is in a comment is no region, nor is what has no end', () => {
  expect(regions('/*\nSYM_FUNC_START(a)\nSYM_FUNC_END(a)\n*/\n// SYM_FUNC_START(a)')).toEqual([]);
  expect(regions('SYM_FUNC_START(a)\n#if 1\nSYM_FUNC_END(a)\n.endm')).toEqual(['function a 3']);
});
