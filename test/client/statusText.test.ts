import { expect, test } from 'vitest';
import type { Status } from '../../protocol/protocol.js';
import { statusText, treeLog } from '../../client/src/statusText.js';

const tree = {
  root: '/linux',
  kernel: '7.2.13',
  files: 97,
  references: 3012,
  backends: ['VMX', 'SEV-ES'],
  owners: 160,
  openOwners: 4,
  ms: 812.4,
  problems: [],
};
const ready: Status = { state: 'ready', trees: [tree] };
const path = '/linux/arch/x86/kvm/x86.c';
const quiet = { path, findings: 0, warnings: 0 };

test('says the tree, its version, its backends, the findings, what is not known, and how long it took', () => {
  const details = [
    'Linux 7.2.13: /linux',
    'Backends: VMX, SEV-ES',
    'Findings: none',
    'Not known: something of 4 of 160 owners',
    '3,012 references in 97 files, read in 812 ms',
  ];
  expect(statusText(ready, quiet)).toEqual({ text: '$(chip) Linux 7.2.13', details, isWarning: false });
  expect(statusText(ready, { path: '/linux', findings: 43, warnings: 2 })).toMatchObject({
    text: '$(chip) Linux 7.2.13 $(warning) 2',
    details: expect.arrayContaining(['Findings: 43']) as string[],
  });
  const part = { ...tree, kernel: null, references: 1, files: 1, openOwners: 0 };
  const { text, details: ofPart } = statusText({ state: 'ready', trees: [part] }, quiet);
  expect(text).toBe('$(chip) KVM');
  expect(ofPart).toContain('Not known: nothing of 160 owners');
  expect(ofPart.at(-1)).toBe('1 reference in 1 file, read in 812 ms');
});

test('is of the tree around a file that has no guest register', () => {
  expect(statusText(ready, { path: '/linux/drivers/net/tun.c', findings: 0, warnings: 0 }).text).toBe(
    '$(chip) Linux 7.2.13',
  );
});

test('says why there is nothing', () => {
  const nothing = ['No KVM x86 code was found around the file.'];
  expect(statusText(ready, { path: null, findings: 0, warnings: 0 }).details).toEqual(nothing);
  expect(statusText(ready, { path: '/linuxes/arch/x86/kvm/x86.c', findings: 0, warnings: 0 }).details).toEqual(nothing);
  expect(statusText({ state: 'none', trees: [] }, quiet).details).toEqual(nothing);
  const { isWarning, details } = statusText('stopped', quiet);
  expect(isWarning).toBe(true);
  expect(details.join()).toContain('not running');
  expect(statusText('starting', quiet).text).toContain('spin');
  expect(statusText({ state: 'indexing', trees: [] }, quiet).text).toContain('spin');
});

test("tells of this file's problems first, of others by their number", () => {
  const x86 = { file: 'arch/x86/kvm/x86.c', line: 45, message: 'cannot be read as C' };
  const others = { file: 'arch/x86/kvm/cpuid.c', line: null, message: 'binary file' };
  const problems = { state: 'ready', trees: [{ ...tree, problems: [x86, x86, others] }] } as const;
  const ofFile = statusText(problems, quiet);
  expect(ofFile.isWarning).toBe(true);
  expect(ofFile.details[0]).toBe(
    'Something may be missing in this file: line 45: cannot be read as C and 1 more problem',
  );
  const ofOther = statusText(problems, { path: '/linux/arch/x86/kvm/regs.h', findings: 0, warnings: 0 });
  expect(ofOther.isWarning).toBe(false);
  expect(ofOther.details.at(-1)).toBe('3 problems in other files');
});

test('a tree within another is the one that counts', () => {
  const inner = { ...tree, root: '/linux/copy', kernel: '6.12.0' };
  const both = { state: 'ready', trees: [tree, inner, { ...tree, root: '/elsewhere' }] } as const;
  expect(statusText(both, { path: '/linux/copy/arch/x86/kvm/x86.c', findings: 0, warnings: 0 }).text).toContain(
    '6.12.0',
  );
});

test('the log names each tree, its version, and each problem', () => {
  const problem = { file: 'arch/x86/kvm/x86.c', line: 45, message: 'cannot be read as C' };
  expect(treeLog([{ ...tree, problems: [problem] }])).toEqual([
    'Linux 7.2.13 in /linux: 97 files, 3,012 references, VMX SEV-ES; 1 problem',
    '  arch/x86/kvm/x86.c: line 45: cannot be read as C',
  ]);
});
