import { architecturalName } from '../model/query/registers.js';
import { mentionsOf, namesStaying, setUses, type LocatedSet, type SetMention } from '../model/query/sets.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Statement } from './explanation.js';

/** What a set of registers is and what its uses mean. */
export function explainSet(model: RegisterModel, set: LocatedSet): Explanation {
  return {
    subject: { kind: 'set', name: set.name },
    answer: statement([strong(set.name), `: ${setSummary(model, set)}`], [lineEvidence(model, set.file, set.offset)]),
    owners: [],
    notes: [
      statement([set.members.map((member) => architecturalName(model, member)).join(' ')]),
      ...mentionsOf(model, set).map((mention) => mentionNote(model, set, mention)),
    ],
  };
}

/** `10 registers that are cleared from avail after VM-exit: they stay in hardware until read` */
export function setSummary(model: RegisterModel, set: LocatedSet): string {
  const count = `${String(set.members.length)} registers that`;
  if (mentionsOf(model, set).length === 0) return `${count} nothing in this tree uses`;
  return namesStaying(model, set)
    ? `${count} stay available after VM-exit; all others are cleared`
    : `${count} are cleared from avail after VM-exit: they stay in hardware until read`;
}

function mentionNote(model: RegisterModel, { name }: LocatedSet, { fn, span }: SetMention): Statement {
  const isComplement = setUses(model).some(
    (use) => use.fn === fn && use.set?.name === name && use.by && use.isComplement,
  );
  return statement(
    ['Used by ', code(fn.name), isComplement ? ', complemented' : ''],
    [lineEvidence(model, span.file, span.start)],
  );
}
