import { expect, it } from 'vitest';
import { readMarks } from './marks.js';

it('underlines tokens of the code line above', () => {
  const code = [
    '\tregs->rsp = kvm_rsp_read(vcpu);',
    '\t            //^^^^^^^^^^ ref VCPU_REGS_RSP read',
    '\tfoo(RAX, RBX); // ^^^ no mark',
    '\t    //^ first',
    '\t         //^ second one ',
    '',
  ].join('\n');
  expect(readMarks('a.c', code)).toEqual([
    { file: 'a.c', line: 1, column: 14, length: 12, text: 'ref VCPU_REGS_RSP read' },
    { file: 'a.c', line: 3, column: 6, length: 3, text: 'first' },
    { file: 'a.c', line: 3, column: 11, length: 3, text: 'second one' },
  ]);
});

it('finds none in code without', () => {
  expect(readMarks('a.c', 'int a; // ^ up there\n/* ^^^ */\n//\n')).toEqual([]);
});
