import type { RegisterSet } from '../facts/registerSets.js';
import { lineAt } from '../syntax/sourceText.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, listed, statement, strong, type Evidence, type Explanation, type Statement } from './explanation.js';

/** A set of registers with the file that defines it. */
export interface LocatedSet extends RegisterSet {
  readonly file: string;
}

/** The set that a macro names, or null. */
export function findSet(model: RegisterModel, name: string): LocatedSet | null {
  for (const [file, { facts }] of model.files) {
    const found = facts?.sets.find((set) => set.name === name);
    if (found) return { ...found, file };
  }
  return null;
}

/** What a set of registers is and what its uses mean. */
export function explainSet(model: RegisterModel, set: LocatedSet): Explanation {
  const names = set.members.map((member) => model.vocabulary.registers.byName.get(member)?.register ?? member);
  const uses = usesOf(model, set);
  const keeps = uses.some((use) => use.isComplemented) !== set.isComplement;
  const meaning = keeps
    ? 'stay available after VM-exit; all others are cleared'
    : 'are cleared from avail: they stay in hardware until read';
  return {
    subject: { kind: 'set', name: set.name },
    answer: statement(
      [
        strong(set.name),
        `: ${String(names.length)} registers that ${uses.length > 0 ? meaning : 'nothing in this tree uses'}`,
      ],
      [locate(model, set.file, set.offset)],
    ),
    owners: [],
    notes: [statement([names.join(' ')]), ...uses.map(useNote)],
  };
}

interface SetUse {
  readonly function: string;
  readonly evidence: Evidence;
  readonly isComplemented: boolean;
}

function usesOf(model: RegisterModel, set: LocatedSet): SetUse[] {
  const uses: SetUse[] = [];
  for (const [path, { facts }] of model.files) {
    for (const fn of facts?.functions ?? []) {
      const offset = fn.words.get(set.name);
      if (offset === undefined || !facts) continue;
      const before = facts.source.text.slice(fn.start, offset);
      const isMasked = /&=\s*~\s*\(?\s*$/.test(before);
      // `avail &= ~SET` and clear_available(vcpu, SET) clear the set; clear_available(vcpu, ~SET) and `avail = SET` keep it.
      uses.push({
        function: fn.name,
        evidence: locate(model, path, offset),
        isComplemented: !isMasked && /~\s*$/.test(before),
      });
    }
  }
  return uses;
}

function useNote(use: SetUse): Statement {
  return statement(
    ['Used by ', ...listed([code(use.function)]), use.isComplemented ? ', complemented' : ''],
    [use.evidence],
  );
}

function locate(model: RegisterModel, file: string, offset: number): Evidence {
  const source = model.files.get(file)?.source;
  return { file, line: source ? lineAt(source, offset) : 1 };
}
