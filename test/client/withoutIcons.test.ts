import { describe, expect, it } from 'vitest';
import { withoutIcons } from '../../client/src/withoutIcons.js';

describe('code in a label of VS Code', () => {
  it.each([
    ['asm volatile("$(chip)")', 'asm volatile("\\$(chip)")'],
    ['$(a~spin) $(b)', '\\$(a~spin) \\$(b)'],
    ['mov $1, %(rax)', 'mov $1, %(rax)'],
  ])('makes no icon: %s', (text, label) => {
    expect(withoutIcons(text)).toBe(label);
  });
});
