import type { Hover, Position } from 'vscode-languageserver';
import { explainAt } from '../explain/explainAt.js';
import type { Explanation } from '../explain/explanation.js';
import { readTree } from '../model/readTree.js';
import type { CParser } from '../syntax/c/cTree.js';
import type { AnswerOptions } from './answers.js';
import { contentsOf } from './hover.js';
import { offsetOf, rangeOf } from './positions.js';

/**
 * A hover from one file's own text, while the tree is still being read: only its first line, which that file alone can
 * show, and that there is more to come.
 */
export function quickHover(
  parser: CParser,
  path: string,
  text: string,
  position: Position,
  options: AnswerOptions,
): Hover | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const model = readTree(parser, { root: '', kernel: null, files: [{ path: name, text }], problems: [] });
  const source = model.files.get(name)?.source;
  const found = source ? explainAt(model, name, offsetOf(source, position, options.encoding)) : null;
  if (!source || !found) return null;
  const explanation: Explanation = {
    ...found.explanation,
    answer: { ...found.explanation.answer, evidence: [] },
    owners: [],
    notes: [{ phrases: ['The tree is still being read; its backends follow.'], evidence: [] }],
  };
  return { contents: contentsOf(explanation, '', options), range: rangeOf(source, found, options.encoding) };
}
