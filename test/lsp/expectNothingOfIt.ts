import { expect } from 'vitest';
import { markdownParts } from '../markdown.js';

/** Expects that a tree's text made nothing of Markdown about it: links lead into the tree or to our commands, and headings are ours. */
export function expectNothingOfIt(markdown: string): void {
  const { targets, images, headings, html } = markdownParts(markdown);
  expect(targets.filter((target) => !/^(?:file:\/\/\/|arch\/|command:kvmRegs\.)/.test(target))).toEqual([]);
  expect(images).toBe(0);
  expect(html).toEqual([]);
  expect(headings.filter((heading) => heading.startsWith('evil'))).toEqual([]);
}
