import type { RunField } from '../model/query/runFields.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { sidePhrases } from './explainPlace.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { memberUsePhrases } from './memberUse.js';

/** A member of userspace's `struct kvm_run`: what it is called after, and what is moved there. */
export function explainRunField(
  model: RegisterModel,
  name: string,
  at: FileSpan,
  { move, register }: RunField,
): Explanation {
  const use: Phrase[] = move
    ? [move.isSource ? '; copied here to ' : '; set here from ', ...sidePhrases(model, move.place)]
    : memberUsePhrases(sourceOf(model, at.file)?.text ?? '', at);
  return {
    subject: { kind: 'member', name },
    answer: statement([
      strong(name),
      ': ',
      register === null ? '' : `${register} `,
      'in ',
      code('struct kvm_run'),
      ', which userspace reads and writes',
      ...use,
    ]),
    owners: [],
    notes: [],
  };
}
