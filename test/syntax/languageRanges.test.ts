import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../server/src/syntax/preprocessor/directives.js';
import { seenByOneLanguage } from '../../server/src/syntax/preprocessor/languageRanges.js';

/** What stands in the first and in the second branch of a conditional: `C`, `assembly`, or `both`. */
function branches(opening: string): string[] {
  const text = `${opening}\nfirst\n#else\nsecond\n#endif\n`;
  const { isForC, isForAssembly } = seenByOneLanguage(text, readDirectives(text));
  return ['first', 'second'].map((word) => {
    const at = text.indexOf(`\n${word}`) + 1;
    if (isForC(at)) return 'C';
    return isForAssembly(at) ? 'assembly' : 'both';
  });
}

describe('what one language sees', () => {
  it('stands in a branch that asks for it', () => {
    expect(branches('#ifdef __ASSEMBLER__')).toEqual(['assembly', 'C']);
    expect(branches('#ifndef __ASSEMBLY__')).toEqual(['C', 'assembly']);
    expect(branches('#if !defined(__ASSEMBLER__)')).toEqual(['C', 'assembly']);
    expect(branches('#ifdef CONFIG_X')).toEqual(['both', 'both']);
  });

  it('is not what stands in the other branch where more is asked', () => {
    expect(branches('#if defined(__ASSEMBLER__) && defined(CONFIG_X)')).toEqual(['assembly', 'both']);
    expect(branches('#if !defined(__ASSEMBLER__) && defined(CONFIG_X)')).toEqual(['C', 'both']);
  });

  it('may be both where one of several is asked, unless the others come from the command line only', () => {
    expect(branches('#if defined(__ASSEMBLER__) || defined(CONFIG_X)')).toEqual(['both', 'both']);
    expect(branches('#if defined(__ASSEMBLER__) || defined(__KERNEL__)')).toEqual(['both', 'both']);
    expect(branches('#if defined(__ASSEMBLER__) || defined(__FRAME_OFFSETS)')).toEqual(['assembly', 'both']);
  });
});
