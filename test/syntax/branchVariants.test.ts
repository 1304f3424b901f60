import { describe, expect, it } from 'vitest';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import { withBlanks } from '../../server/src/syntax/c/blanking.js';
import { branchVariants } from '../../server/src/syntax/preprocessor/branchVariants.js';

describe('branchVariants', () => {
  /** What is left of the text in each variant, white space collapsed. */
  function variants(text: string): string[] {
    const { directives, code } = outlineSource('a.c', text);
    return branchVariants(directives, { start: 0, end: text.length }).map((blanked) => {
      let kept = '';
      for (let at = 0; at < code.length; at++) {
        if (!blanked.some((span) => span.start <= at && at < span.end)) kept += code.charAt(at);
      }
      return kept.replace(/\s+/g, ' ').trim();
    });
  }

  it('has one for text without branches, or with a single one', () => {
    expect(variants('a')).toEqual(['a']);
    expect(variants('a\n#if A\nb\n#endif')).toEqual(['a b']);
  });

  it('reads each branch at least once', () => {
    expect(variants('#if A\na\n#else\nb\n#endif\n#if B\nc\n#elif C\nd\n#else\ne\n#endif')).toEqual([
      'a c',
      'b d',
      'b e',
    ]);
  });

  it('reads each branch of an inner #if too', () => {
    const all = variants('#if A\na\n#if B\nb\n#else\nc\n#endif\n#else\nd\n#endif').join(' ');
    expect(['a', 'b', 'c', 'd'].filter((letter) => !all.includes(letter))).toEqual([]);
  });

  it('gives spans in the order of the text that hold no other', () => {
    const text = '#if A\na\n#if B\nb\n#else\nc\n#endif\n#else\nd\n#endif';
    const { directives, code } = outlineSource('a.c', text);
    const left = branchVariants(directives, { start: 0, end: text.length }).map((blanked) =>
      withBlanks(code, blanked, 0, code.length).replace(/\s+/g, ' ').trim(),
    );
    expect(left).toEqual(['a b', 'a c', 'd']);
  });

  it('needs no spans for the #ifs within a branch that is blank', () => {
    const depth = 200;
    const opening = Array.from({ length: depth }, (_, i) => `#ifdef A${String(i)}\n`).join('');
    const text = `${opening}a\n${'#else\nb\n#endif\n'.repeat(depth)}`;
    const { directives } = outlineSource('a.c', text);
    expect(branchVariants(directives, { start: 0, end: text.length }).at(-1)).toHaveLength(1);
  });
});
