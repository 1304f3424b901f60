import { expect, test } from 'vitest';
import type { Status } from '../../protocol/protocol.js';
import { statusText } from '../../client/src/statusText.js';

const tree = { root: '/linux', kernel: '7.2.13', files: 97, references: 3012, ms: 812.4, problems: [] };
const ready: Status = { state: 'ready', trees: [tree] };
const file = '/linux/arch/x86/kvm/x86.c';

test('says what was read, and how long it took', () => {
  expect(statusText(ready, file)).toEqual({
    text: 'Linux 7.2.13: 3,012 references',
    detail: '97 files in 812 ms',
    isBusy: false,
    isWarning: false,
  });
  const part = { ...tree, kernel: null, references: 1, files: 1 };
  expect(statusText({ state: 'ready', trees: [part] }, file).text).toBe('KVM registers: 1 reference');
});

test('says why there is nothing', () => {
  expect(statusText(ready, null).detail).toBe('Nothing here: not in a KVM x86 tree');
  expect(statusText(ready, '/other/arch/x86/kvm/x86.c').detail).toContain('no KVM x86 code found');
  expect(statusText({ state: 'none', trees: [] }, file).detail).toContain('no KVM x86 code found');
  const { isWarning, detail } = statusText('stopped', file);
  expect(isWarning).toBe(true);
  expect(detail).toContain('not running');
  expect(statusText('starting', file).isBusy).toBe(true);
  expect(statusText({ state: 'indexing', trees: [] }, file)).toMatchObject({ isBusy: true });
});

test("tells of this file's problems first, of others by their number", () => {
  const x86 = { file: 'arch/x86/kvm/x86.c', line: 45, message: 'cannot be read as C' };
  const others = { file: 'arch/x86/kvm/cpuid.c', line: null, message: 'binary file' };
  const problems = { state: 'ready', trees: [{ ...tree, problems: [x86, x86, others] }] } as const;
  expect(statusText(problems, file)).toMatchObject({
    isWarning: true,
    detail: 'Something may be missing here: line 45: cannot be read as C and 1 more problem. 97 files in 812 ms',
  });
  expect(statusText(problems, '/linux/arch/x86/kvm/regs.h')).toMatchObject({
    isWarning: false,
    detail: '97 files in 812 ms; 3 problems elsewhere',
  });
});

test('a tree within another is the one that counts', () => {
  const inner = { ...tree, root: '/linux/copy', kernel: '6.12.0' };
  const both = { state: 'ready', trees: [tree, inner, { ...tree, root: '/elsewhere' }] } as const;
  expect(statusText(both, '/linux/copy/arch/x86/kvm/x86.c').text).toContain('6.12.0');
});
