import type { Details } from './explainDetails.js';
import { ownerBlock, statementText, wrapText } from './explanationText.js';

/** The lists behind an explanation as plain text, with a heading each; '' without any. */
export function detailsText({ owners, sections }: Details): string {
  const blocks = [
    ...(owners.length > 0 ? [['Owners, with all conditions', ownerBlock(owners)].join('\n')] : []),
    ...sections.map(({ title, statements }) =>
      [title, ...statements.map((one) => wrapText(statementText(one), '  '))].join('\n'),
    ),
  ];
  return blocks.join('\n\n');
}
