import { vendorOfFile } from '../model/query/backends.js';
import { architecturalName, registerOf } from '../model/query/registers.js';
import { mentionsOf, namesStaying, setUses, type LocatedSet, type SetMention } from '../model/query/sets.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Statement } from './explanation.js';
import { wordsOf } from './words.js';

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
  const isOne = set.members.length === 1;
  const count = `${String(set.members.length)} ${isOne ? 'register' : 'registers'} that`;
  if (mentionsOf(model, set).length === 0) return `${count} nothing in this tree uses`;
  if (namesStaying(model, set))
    return `${count} ${isOne ? 'stays' : 'stay'} available after VM-exit; all others are cleared`;
  return `${count} ${isOne ? 'is' : 'are'} cleared from avail after VM-exit: ${untilRead(model, set)}`;
}

/** Where the registers of a set are that its backend fetches on demand: `they stay in the VMCS until read`. */
function untilRead(model: RegisterModel, { file, members }: LocatedSet): string {
  const backend = vendorOfFile(model, file);
  const owners = members.flatMap(
    (member) =>
      registerOf(model, member)?.owners.filter((owner) => owner.backend === backend && owner.sync === 'lazy') ?? [],
  );
  const kinds = [...new Set(owners.map(({ place }) => place.kind))];
  const they = members.length === 1 ? 'it' : 'they';
  const [only, another] = kinds;
  if (only === 'memory' && another === undefined)
    return `when next read, ${they} ${members.length === 1 ? 'is' : 'are'} fetched from guest memory`;
  const where = only === undefined || another !== undefined ? 'hardware' : `the ${wordsOf(model).place(only).title}`;
  return `${they} ${members.length === 1 ? 'stays' : 'stay'} in ${where} until read`;
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
