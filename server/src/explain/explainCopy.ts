import type { GraphNode } from '../model/callGraph.js';
import { definitionSpan } from '../model/query/functions.js';
import type { CopyVariable } from '../model/query/copyVariables.js';
import { emptying, type RegisterCopy } from '../model/query/registerCopies.js';
import type { FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, joinPhrases, statement, strong, type Explanation, type Statement } from './explanation.js';
import { fieldUsePhrases } from './fieldUse.js';
import { ownerLines } from './ownerLines.js';

/** A member of a backend's own struct in which KVM keeps what it has read of a register. */
export function explainCopy(model: RegisterModel, at: FileSpan, copy: RegisterCopy): Explanation {
  const { name, register, filledBy } = copy;
  return {
    subject: { kind: 'member', name },
    answer: statement([strong(name), `: ${whatItIs(copy)}`, ...fieldUsePhrases(model, at)]),
    owners: ownerLines(model, register, { first: null, isShort: true }),
    notes: [
      ...functionsNote(model, 'Filled by ', filledBy),
      ...functionsNote(model, 'Emptied by ', emptying(model, copy)),
    ],
  };
}

/** A local variable that has a copy's value: of which, and where it is set. */
export function explainCopyVariable(
  model: RegisterModel,
  name: string,
  { copy, from, set }: CopyVariable,
): Explanation {
  return {
    subject: { kind: 'place', name },
    answer: statement(
      [strong(name), ': set to ', code(from), `, ${whatItIs(copy)}`],
      [lineEvidence(model, set.file, set.start)],
    ),
    owners: ownerLines(model, copy.register, { first: null, isShort: true }),
    notes: functionsNote(model, 'Filled by ', copy.filledBy),
  };
}

function whatItIs({ register, isTracked }: RegisterCopy): string {
  const whose = register.class === 'exit-info' ? '' : "the guest's ";
  return isTracked
    ? `KVM's copy of ${whose}${register.register}, beside the register cache; valid while ${register.register} is available (avail bit)`
    : `a value of ${whose}${register.register} that KVM keeps aside, no part of the register cache`;
}

/** Functions that a note has room for. */
const MOST_FUNCTIONS = 5;

function functionsNote(model: RegisterModel, words: string, nodes: readonly GraphNode[]): Statement[] {
  const shown = nodes.slice(0, MOST_FUNCTIONS);
  if (shown.length === 0) return [];
  return [
    statement(
      [words, ...joinPhrases(shown.map((node) => code(node.name)))],
      shown.map((node) => lineEvidence(model, node.file, definitionSpan(node).start)),
    ),
  ];
}
