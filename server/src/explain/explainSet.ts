import type { RegisterSet } from '../facts/registers/registerSets.js';
import { lineAt } from '../syntax/text/sourceText.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, listed, statement, strong, type Evidence, type Explanation, type Statement } from './explanation.js';

/** The sets that make the cache forget a register after VM-exit, with where they do so. */
export function clearingSets(
  model: RegisterModel,
  member: string,
): { readonly set: LocatedSet; readonly uses: readonly Evidence[] }[] {
  return [...model.files].flatMap(([file, { facts }]) =>
    (facts?.sets ?? []).flatMap((found) => {
      const set = { ...found, file };
      const uses = found.members.includes(member) ? usesOf(model, set) : [];
      const isCleared = uses.length > 0 && !isKept(set, uses);
      return isCleared ? [{ set, uses: uses.map((use) => use.evidence) }] : [];
    }),
  );
}

/** Whether a set names what stays available, as opposed to what is forgotten. */
function isKept(set: RegisterSet, uses: readonly SetUse[]): boolean {
  return uses.some((use) => use.isComplemented) !== set.isComplement;
}

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
  const names = set.members.map((member) => model.symbols.registers.byName.get(member)?.register ?? member);
  const uses = usesOf(model, set);
  const keeps = isKept(set, uses);
  const meaning = keeps
    ? 'stay available after VM-exit; all others are cleared'
    : 'are cleared from avail after VM-exit: they stay in hardware until read';
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
      const inFunction = fn.facts.words.get(set.name);
      if (inFunction === undefined || !facts) continue;
      const offset = fn.start + inFunction;
      const before = facts.source.text.slice(fn.start, offset);
      const isMasked = /=\s*~\s*\(?\s*$/.test(before);
      // `avail &= ~SET`, `avail = ~SET` and clear_available(vcpu, SET) clear the set; clear_available(vcpu, ~SET) keeps it.
      uses.push({
        function: fn.facts.name,
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
