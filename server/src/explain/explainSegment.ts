import { backendOfFile } from '../model/query/backends.js';
import type { SegmentNumber, SegmentUse } from '../model/query/segmentNumbers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** The number of a segment register. */
export function explainSegment(
  model: RegisterModel,
  path: string,
  { segment, number, declared, register, use }: SegmentNumber,
): Explanation {
  const part = register ? `, which ${register.register} of the register enum stands for` : '';
  return {
    subject: { kind: 'register', name: segment },
    answer: statement(
      [strong(segment), `: a segment register${part}; its number, ${String(number)}`, ...usePhrases(use)],
      [lineEvidence(model, declared.file, declared.start)],
    ),
    owners: register ? ownerLines(model, register, { first: backendOfFile(model, path), isShort: true }) : [],
    notes: [],
  };
}

function usePhrases(use: SegmentUse | null): Phrase[] {
  if (use === null) return [];
  return [USE_WORDS[use.kind], ...(use.other === '' ? [] : [code(use.other)])];
}

const USE_WORDS: Readonly<Record<SegmentUse['kind'], string>> = {
  handed: ', handed to ',
  element: ', picks its element of ',
  compared: ', compared here with ',
  assigned: ', given here to ',
  case: ', a case here',
};
