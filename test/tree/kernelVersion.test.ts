import { expect, it } from 'vitest';
import { kernelVersion } from '../../server/src/tree/kernelVersion.js';
import { temporaryTree } from './temporaryTree.js';

it.each([
  ['VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 13\nEXTRAVERSION =\nNAME = A Name\n', '7.2.13'],
  ['VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n', '6.12.0-rc3'],
  ['# SPDX\r\nVERSION = 4\r\nPATCHLEVEL = 15\r\nSUBLEVEL = 0\r\nEXTRAVERSION =\r\n', '4.15.0'],
  ['VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL =\nEXTRAVERSION = -local\n', '6.1-local'],
  ['obj-m += kvm.o\nKERNELVERSION = 1\n', null],
  ['', null],
])('reads %j as %s', (makefile, version) => {
  expect(kernelVersion(temporaryTree({ Makefile: makefile }))).toBe(version);
});

it('is null without a Makefile', () => {
  expect(kernelVersion(temporaryTree({}))).toBeNull();
});
