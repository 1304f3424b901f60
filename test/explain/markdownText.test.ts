import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeMarkdown, escapeAroundEvidence, escapeMarkdown } from '../../server/src/explain/markdownText.js';
import { printable } from '../../server/src/explain/printable.js';
import { hostileText as hostile } from '../hostileText.js';
import { markdownParts } from '../markdown.js';

/** One line of text as it should be seen; a reader drops blanks at both ends. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ')).trim();
}

const RUNS = { numRuns: 3000 };
const PLAIN = { targets: [], images: 0, headings: [], html: [] };

describe('text of a tree in Markdown', () => {
  it('is seen as it is and makes nothing', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const parts = markdownParts(escapeMarkdown(text));
        expect(parts).toMatchObject(PLAIN);
        expect(parts.text.trim()).toBe(oneLine(text));
      }),
      RUNS,
    );
  });

  it('is seen as it is behind other text, and beside other such text', () => {
    fc.assert(
      fc.property(hostile, hostile, (text, other) => {
        const parts = markdownParts(`a ${escapeMarkdown(text)}${escapeMarkdown(other)} z`);
        expect(parts).toMatchObject(PLAIN);
      }),
      RUNS,
    );
  });

  it('is seen as code between text and other code', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text: hostile, isCode: fc.boolean() }), { maxLength: 5 }), (phrases) => {
        const written = phrases.map(({ text, isCode }) => (isCode ? codeMarkdown(text) : escapeMarkdown(text)));
        expect(markdownParts(`a ${written.join('')} z`)).toMatchObject(PLAIN);
      }),
      RUNS,
    );
  });

  it('makes links of nothing but evidence, and only where a definition makes them', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = `| a | ${escapeAroundEvidence(text)} |`;
        expect(markdownParts(line)).toMatchObject(PLAIN);
        const { targets, images } = markdownParts(`${line}\n\n[vmx/vmx.c:3]: vmx.c#L3`);
        expect(targets.filter((target) => target !== 'vmx.c#L3')).toEqual([]);
        expect(images).toBe(0);
      }),
      RUNS,
    );
  });

  it.each([
    ['if a->b && c[0] < 1', 'if a->b && c\\[0\\] \\< 1'],
    ['kvm_rip_read(vcpu) != __x', 'kvm_rip_read(vcpu) != \\_\\_x'],
    ['[vmx/vmx.c:12]', '\\[vmx/vmx.c:12\\]'],
  ])('is still read where it is not drawn: %s', (text, markdown) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });

  it('as code is as it was', () => {
    expect(codeMarkdown('a->b[*]')).toBe('`a->b[*]`');
  });
});
