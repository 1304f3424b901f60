import type { Details } from './explainDetails.js';
import { ownerTextLines, plainLine, statementText, wrappedText, type ExplanationLine } from './explanationText.js';

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

/** The same as one text, in lines of at most so many columns; '' without any. */
export function detailsText(details: Details, columns: number): string {
  return wrappedText(detailsLines(details), columns);
}
