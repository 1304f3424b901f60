import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame, Page } from 'playwright-core';

/** axe-core's script, which is run in the page. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core finds that keeps a document from being read by everybody: a line for each rule, with the first places. */
export async function violationsIn(document: Page | Frame): Promise<unknown> {
  await document.evaluate(axe);
  return document.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => html.slice(0, 150) + ' ' + any.map(({ message }) => message).join()).slice(0, 3).join(' | ')))`,
  );
}
