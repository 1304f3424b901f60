import { sourceOf } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineAt } from '../syntax/text/sourceText.js';
import type { Evidence } from './explanation.js';

/** The line of an offset of a file. */
export function lineEvidence(model: RegisterModel, file: string, offset: number): Evidence {
  const source = sourceOf(model, file);
  return { file, line: source ? lineAt(source, offset) : 1 };
}

/** Where something is that has a line of its own. */
export function evidenceOf({ file, line }: Evidence): Evidence {
  return { file, line };
}

/** Lines shown for one statement at the most. */
const MOST_LINES = 4;

/** Each line once, in their order: all of a few, or the first and the last of many. */
export function fewLines(evidence: readonly Evidence[]): Evidence[] {
  const lines = [...new Map(evidence.map((at) => [at.line, evidenceOf(at)])).values()].sort((a, b) => a.line - b.line);
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, 1), ...lines.slice(-1)];
}
