import { describe, expect, it } from 'vitest';
import { asmSpans } from '../../server/src/syntax/c/asmSpans.js';

describe('asmSpans', () => {
  it('finds each inline assembly', () => {
    const text = 'f(); asm("a"); __asm__ __volatile__ ("b" ::: "memory"); g("x"); asm goto("c" : : : : out);';
    expect(asmSpans(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'asm("a")',
      '__asm__ __volatile__ ("b" ::: "memory")',
      'asm goto("c" : : : : out)',
    ]);
  });

  it('takes time in proportion to the text', () => {
    const before = process.cpuUsage();
    expect(asmSpans('log("x",\n'.repeat(40_000) + ')'.repeat(40_000))).toEqual([]);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});
