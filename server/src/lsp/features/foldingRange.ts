import { FoldingRangeRequest, type FoldingRange } from 'vscode-languageserver';
import { assemblyOutline } from '../../syntax/assembler/assemblyOutline.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import { lineAt } from '../../syntax/text/sourceText.js';
import { sourceOf } from '../../model/query/text.js';
import { treeRequest } from './feature.js';
import { documentQuestion, inTree } from './treeQuestion.js';

/** What of an assembly file can be folded: functions, macros, conditions, repetitions. C is for others to fold. */
export const foldingRange = treeRequest({
  request: FoldingRangeRequest.type,
  capability: { foldingRangeProvider: true },
  setting: null,
  urgency: 'display',
  question: documentQuestion,
  answer: inTree(({ model, path }) => {
    const source = path.endsWith('.S') ? sourceOf(model, path) : null;
    return source && foldingRanges(source);
  }),
});

function foldingRanges(source: SourceText): FoldingRange[] {
  return assemblyOutline(source.text).map(({ start, end }) => ({
    startLine: lineAt(source, start) - 1,
    endLine: lineAt(source, end) - 2, // the line that ends it still shows
  }));
}
