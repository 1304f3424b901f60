import { describe, expect, it } from 'vitest';
import { integerOf, numberValue } from '../../server/src/syntax/preprocessor/integers.js';
import { readDirectives } from '../../server/src/syntax/preprocessor/directives.js';

const macros = new Map(
  readDirectives('#define WORD 8\n#define BIT(n) (1UL << (n))\n#define GPRS NR\n#define SELF SELF').macros.map((m) => [
    m.name,
    m,
  ]),
);

function valueOf(text: string): bigint | null {
  return integerOf(
    text,
    (name) => macros.get(name),
    (name) => (name === 'NR' ? 17n : null),
  );
}

it.each([
  ['0', 0n],
  ['10', 10n],
  ['0x1F', 31n],
  ['017', 15n],
  ['0b101', 5n],
  ['10UL', 10n],
  ['0xffffffffffffffffULL', 0xffffffffffffffffn],
  ['08', 8n],
  ['1.5', null],
  ['0x', null],
  ['', null],
])('number %s', (text, value) => {
  expect(numberValue(text)).toBe(value);
});

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 4 - 3', 3n],
    ['1 << 2 + 1', 8n],
    ['1 | 6 & 3 ^ 1', 3n],
    ['-1 + 2', 1n],
    ['~0 & 0xf', 15n],
    ['7 / 2', 3n],
    ['BIT(4) | BIT(0)', 17n],
    ['NR * WORD', 136n],
    ['GPRS + 1', 18n],
  ])('%s', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  it.each(['', '1 +', '(1', '1 2', '1 / 0', '1 << 64', '1 << -1', 'UNKNOWN', 'UNKNOWN + 1', 'f(1)', 'SELF', ')', '*'])(
    'has no value: %s',
    (text) => {
      expect(valueOf(text)).toBeNull();
    },
  );
});
