import { describe, expect, it } from 'vitest';
import { instructionDirection } from '../../server/src/facts/xsave/instructions.js';

describe('the direction of an XSAVE instruction', () => {
  it.each([
    ['xsave %0', 'save'],
    ['1: xsaveopt64 %[xa]', 'save'],
    ['xsavec64 %[xa]', 'save'],
    ['xsaves %0', 'save'],
    ['fxsaveq %0', 'save'],
    ['xrstor64 %[xa]', 'restore'],
    ['xrstors64 %[xa]', 'restore'],
    ['fxrstor %0', 'restore'],
    // XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS, each with (%rdi).
    ['.byte 0x48, 0x0f,0xae,0x27', 'save'],
    ['.byte 0x48, 0x0f,0xae,0x37', 'save'],
    ['.byte 0x48, 0x0f,0xc7,0x27', 'save'],
    ['.byte 0x48, 0x0f,0xc7,0x2f', 'save'],
    ['.byte 0x48, 0x0f,0xae,0x2f', 'restore'],
    ['.byte 0x48, 0x0f,0xc7,0x1f', 'restore'],
  ])('%s: %s', (assembly, direction) => {
    expect(instructionDirection(assembly)).toBe(direction);
  });

  it.each([
    // CLFLUSH, CMPXCHG8B, RDRAND.
    '.byte 0x0f,0xae,0x3f',
    '.byte 0x0f,0xc7,0x0f',
    '.byte 0x0f,0xc7,0xf0',
    // Words that only hold a mnemonic, and C that a macro makes a string of.
    'call my_xsave_area',
    'xsetbv',
    'ustate->xsave.header.xfeatures & kstate->xfd',
    '!xsave',
    'xsave && size',
    '',
  ])('none of %s', (assembly) => {
    expect(instructionDirection(assembly)).toBeNull();
  });
});
