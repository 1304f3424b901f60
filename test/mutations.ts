import fc from 'fast-check';

/** A change to a text: `length` characters from `at` on become `by`; both are cut to what is there. */
export interface Change {
  readonly at: number;
  readonly length: number;
  readonly by: string;
}

/** What breaks a reader if anything does: halves of what belongs together, and characters of no meaning. */
const PIECES = [
  ...[
    '{',
    '}',
    '\n}\n',
    '(',
    ')',
    '((((',
    '[',
    ']',
    ';',
    ',',
    ':',
    '?',
    '=',
    '"',
    "'",
    '`',
    '\\',
    '\\\n',
    '\n',
    '\r',
    '\r\n',
  ],
  ...[
    '/*',
    '*/',
    '//',
    '#',
    '##',
    '\n#if A\n',
    '\n#else\n',
    '\n#endif\n',
    '\n#define X X\n',
    '\n#define F(x) F(x x)\n',
  ],
  ...[
    'enum kvm_reg {',
    'struct',
    'case ',
    'goto x;',
    'x:',
    'asm("',
    'VCPU_REGS_RAX',
    '$',
    '\\@',
    '.macro m\n',
    '.endm\n',
    '.if 1\n',
  ],
  ...['\0', '\t', 'ä', '名', '😀', '\ud83d', '\ufeff', '\u2028', '9'.repeat(40)],
];

/** Random changes to a text of any length. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.nat(3), fc.nat(400)),
    by: fc.oneof(fc.constant(''), fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 8 })),
  }),
  { minLength: 1, maxLength: 6 },
);

/** The text with the changes made, one after another; `at` is a fraction of the text so far. */
export function changed(text: string, all: readonly Change[]): string {
  return all.reduce((before, { at, length, by }) => {
    const start = Math.floor(at * before.length);
    return before.slice(0, start) + by + before.slice(start + length);
  }, text);
}
