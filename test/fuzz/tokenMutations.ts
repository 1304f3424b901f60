import fc from 'fast-check';
import { tokenize } from '../../server/src/syntax/text/tokens.js';

/** A change to a text by its tokens. `at` and `other` are numbers of any size that pick one. */
export type Mutation =
  | { readonly kind: 'delete' | 'double'; readonly at: number; readonly length: number }
  | { readonly kind: 'swap' | 'replace' | 'splice'; readonly at: number; readonly other: number }
  | { readonly kind: 'insert'; readonly at: number; readonly by: string }
  | { readonly kind: 'cut'; readonly at: number };

/** What stands in a text where somebody is typing, merging, or means harm. */
const PIECES = [
  ...['{', '}', '(', ')', '[', ']', ';', ',', '"', "'", '\\', '/*', '*/', '//', '\n', '\r', '\\\n', '\\ \n'],
  ...['\n#if X\n', '\n#else\n', '\n#endif\n', '\n#define F(x) F(x x)\n', '\n#undef F\n', '\n# 1 "file"\n'],
  ...['\n<<<<<<< ours\n', '\n=======\n', '\n>>>>>>> theirs\n'],
  ...['\0', '\u0007', '\u001b[31m', '\u007f', '\u0085', '\u00a0', '\u2028', '\u202e', '\ufeff', '\ud83d', '名'],
  ...['case ', 'goto x;', 'asm volatile("', '__attribute__((', '...', '? :', '0x', '1e999', '9'.repeat(40)],
];

const pick = fc.nat(1_000_000);
const length = fc.integer({ min: 1, max: 12 });

/** Random changes to a text of any length. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.oneof<fc.Arbitrary<Mutation>[]>(
    fc.record({ kind: fc.constantFrom('delete', 'double'), at: pick, length }),
    fc.record({ kind: fc.constantFrom('swap', 'replace', 'splice'), at: pick, other: pick }),
    fc.record({ kind: fc.constant('insert'), at: pick, by: fc.constantFrom(...PIECES) }),
    fc.record({ kind: fc.constant('cut'), at: pick }),
  ),
  { minLength: 1, maxLength: 4 },
);

/** The text with the changes made, one after another. `donor` is the text that functions are taken from. */
export function mutated(text: string, all: readonly Mutation[], donor: string): string {
  return all.reduce((before, mutation) => mutatedOnce(before, mutation, donor), text);
}

function mutatedOnce(text: string, mutation: Mutation, donor: string): string {
  const tokens = tokenize(text);
  const first = tokens[mutation.at % tokens.length];
  if (!first) return text;
  const before = text.slice(0, first.start);
  switch (mutation.kind) {
    case 'delete':
    case 'double': {
      const last = tokens[(mutation.at % tokens.length) + mutation.length - 1] ?? first;
      const piece = text.slice(first.start, last.end);
      return before + (mutation.kind === 'double' ? `${piece} ${piece}` : '') + text.slice(last.end);
    }
    case 'swap':
    case 'replace': {
      const other = tokens[mutation.other % tokens.length] ?? first;
      if (mutation.kind === 'replace') return before + other.text + text.slice(first.end);
      const [a, b] = first.start < other.start ? [first, other] : [other, first];
      if (a === b) return text;
      return text.slice(0, a.start) + b.text + text.slice(a.end, b.start) + a.text + text.slice(b.end);
    }
    case 'splice': {
      const pieces = topLevelPieces(text);
      const given = topLevelPieces(donor);
      const at = mutation.at % (pieces.length + 1);
      return [...pieces.slice(0, at), given[mutation.other % given.length] ?? '', ...pieces.slice(at)].join('');
    }
    case 'insert':
      return before + mutation.by + text.slice(first.start);
    case 'cut':
      return before;
  }
}

/** A text in pieces that end where a function or a struct does in the kernel's style: at a line that begins with `}`. */
function topLevelPieces(text: string): string[] {
  return text.split(/(?<=^\}.*\n)/m);
}
