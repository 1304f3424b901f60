import type { Details } from './explainDetails.js';
import { ownerTextLines, plainLine, statementText, wrapText, type ExplanationLine } from './explanationText.js';

/** The lists behind an explanation as plain text, with a heading each; nothing without any. */
export function detailsLines({ owners, sections }: Details): ExplanationLine[] {
  const blocks = [
    ...(owners.length > 0 ? [[plainLine('Owners, with all conditions'), ...ownerTextLines(owners)]] : []),
    ...sections.map(({ title, statements }) => [
      plainLine(title),
      ...statements.map((one) => ({ text: statementText(one), hang: 2 })),
    ]),
  ];
  return blocks.flatMap((block, i) => [...(i === 0 ? [] : [plainLine('')]), ...block]);
}

/** The same as one text, wrapped; '' without any. */
export function detailsText(details: Details): string {
  return detailsLines(details)
    .map(({ text, hang }) => wrapText(text, ' '.repeat(hang)))
    .join('\n');
}
