import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutCommentsAndDirectives } from '../../server/src/syntax/c/blanking.js';
import { outline } from '../../server/src/syntax/c/outline.js';
import { outlineAgain } from '../../server/src/syntax/c/outlineAgain.js';
import { readDirectives } from '../../server/src/syntax/preprocessor/directives.js';
import { changed, changes } from '../mutations.js';
import { samplePath } from '../samples.js';

const TEXTS = ['vmx/vmx.c', 'kvm_cache_regs.h', 'cpuid.c'].map((name) =>
  readFileSync(join(samplePath('vcpu-offsets'), 'arch/x86/kvm', name), 'utf8'),
);

function codeOf(text: string): string {
  return withoutCommentsAndDirectives(text, readDirectives(text));
}

describe('an outline of a text that was edited', () => {
  it('is what it is without the outline before, after any edits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), fc.array(changes, { minLength: 1, maxLength: 4 }), (start, edits) => {
        let text = start;
        let before = {
          code: codeOf(text),
          items: outline(codeOf(text)) as readonly ReturnType<typeof outline>[number][],
        };
        for (const edit of edits) {
          text = changed(text, edit);
          const code = codeOf(text);
          const items = outlineAgain(code, before);
          expect(items).toEqual(outline(code));
          before = { code, items };
        }
      }),
      { numRuns: 400 },
    );
  });

  it('takes the items that the edit left', () => {
    const code = 'int a;\nint b;\nvoid f(void)\n{\n\tg();\n}\nint c;\nint d;\n';
    const before = { code, items: outline(code) };
    const again = outlineAgain(code.replace('g()', 'h()'), before);
    expect(again[0]).toBe(before.items[0]);
    expect(again.at(-1)).toBe(before.items.at(-1));
    expect([...(again.find(({ name }) => name === 'f')?.words.keys() ?? [])]).toContain('h');
  });
});
