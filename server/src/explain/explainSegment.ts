import { backendOfFile } from '../model/query/backends.js';
import type { SegmentNumber } from '../model/query/segmentNumbers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** The number of a segment register. */
export function explainSegment(
  model: RegisterModel,
  path: string,
  { segment, number, declared, register, callee }: SegmentNumber,
): Explanation {
  const handed: Phrase[] = callee === null ? [] : [', handed to ', code(callee)];
  const part = register ? `, which ${register.register} of the register enum stands for` : '';
  return {
    subject: { kind: 'register', name: segment },
    answer: statement(
      [strong(segment), `: a segment register${part}; its number, ${String(number)}`, ...handed],
      [lineEvidence(model, declared.file, declared.start)],
    ),
    owners: register ? ownerLines(model, register, { first: backendOfFile(model, path), isShort: true }) : [],
    notes: [],
  };
}
