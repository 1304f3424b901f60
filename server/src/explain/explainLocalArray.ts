import { backendOfFile } from '../model/query/backends.js';
import type { ArrayUse, LocalArray } from '../model/query/localArrays.js';
import type { FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { fewLines, lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** A local array with values of a register that has several. */
export function explainLocalArray(
  model: RegisterModel,
  at: FileSpan,
  name: string,
  { register, uses }: LocalArray,
): Explanation {
  const distinct = [...new Map(uses.map((use) => [`${use.way} ${use.other}`, use])).values()];
  return {
    subject: { kind: 'place', name },
    answer: statement(
      [
        strong(name),
        `: a local array of values of the guest's ${register.register}`,
        ...distinct.flatMap((use): Phrase[] => [WORDS[use.way], code(use.other)]),
      ],
      fewLines(uses.map(({ offset }) => lineEvidence(model, at.file, offset))),
    ),
    owners: ownerLines(model, register, { first: backendOfFile(model, at.file), isShort: true }),
    notes: [],
  };
}

const WORDS: Readonly<Record<ArrayUse['way'], string>> = {
  filled: '; filled from guest memory by ',
  copied: '; copied to ',
  compared: '; compared with ',
  read: '; filled by ',
  written: '; handed to ',
};
