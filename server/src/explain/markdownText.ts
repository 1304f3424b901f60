import { oneLine } from './printable.js';

/**
 * What Markdown (CommonMark 0.31.2, with GitHub's extensions and VS Code's formulas) would read as its own, wherever it stands:
 * brackets, quotes of code, HTML, entities, emphasis, cells of tables, formulas, addresses that become links by themselves.
 */
const MARKS = /[\\`*{}[\]<|~@$]|&(?=#?\w+;)|!(?=\[)|\/(?=\/)|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/gi;

/** What makes a heading, a list, a quotation or a rule of the line that it begins. */
const LINE_MARK = /^ ?(?:[#>]|[=+-](?=[=+ -]|$))|(?<=^ ?\d{1,9})[.)](?= |$)/;

/**
 * A tree's text, a name or a sentence, as one line of Markdown that shows it and nothing else. It is the one function that does
 * so: what a tree's files, or their names, hold makes no link, image, heading or HTML.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(MARKS, '\\$&')
    .replace(LINE_MARK, (mark) => `${mark.slice(0, -1)}\\${mark.slice(-1)}`);
}

/** {@link escapeMarkdown} of a sentence that holds evidence: `[vmx/vmx.c:2631]` stays as it is, for a definition behind to make it a link. */
export function escapeAroundEvidence(text: string): string {
  return escapeMarkdown(text).replace(/\\\[([\w/.-]+\.[chS]:\d+)\\\](?!\\\[|[(:])/g, '[$1]');
}

/** Source text as a code span; one that holds a quote of code itself is plain text, so that no two spans can pair wrongly. */
export function codeMarkdown(text: string): string {
  return text.includes('`') || text.trim() === '' ? escapeMarkdown(text) : `\`${oneLine(text)}\``;
}
