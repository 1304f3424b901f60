import type { Explanation, OwnerLine, Statement } from '../../explain/explanation.js';
import type { LineMoves } from '../engine/lineMoves.js';

/** By path, where the lines of a file are now. */
type LinesOf = (path: string) => LineMoves;

/**
 * An explanation from before an edit, its evidence on the lines where that is now. Null where such a line was edited, and where
 * the prose names lines, which cannot be moved.
 */
export function movedExplanation(explanation: Explanation, linesOf: LinesOf): Explanation | null {
  const answer = movedStatement(explanation.answer, linesOf);
  const owners = allOrNull(explanation.owners.map((owner) => movedOwner(owner, linesOf)));
  const notes = allOrNull(explanation.notes.map((note) => movedStatement(note, linesOf)));
  return answer && owners && notes && { ...explanation, answer, owners, notes };
}

function movedOwner(owner: OwnerLine, linesOf: LinesOf): OwnerLine | null {
  const kept = movedStatement({ phrases: owner.kept, evidence: [] }, linesOf);
  const steps = allOrNull(owner.steps.map((step) => movedStatement(step, linesOf)));
  return kept && steps && { ...owner, steps };
}

function movedStatement(statement: Statement, linesOf: LinesOf): Statement | null {
  if (statement.phrases.some((phrase) => typeof phrase === 'string' && LINE_IN_PROSE.test(phrase))) return null;
  const evidence = statement.evidence.map(({ file, line }) => {
    const now = linesOf(file).now(line - 1);
    return now === null ? null : { file, line: now + 1 };
  });
  const moved = allOrNull(evidence);
  return moved && { ...statement, evidence: moved };
}

/** `[arch/x86/kvm/x86.c:215]` */
const LINE_IN_PROSE = /\[[^\s[\]]+:\d+\]/;

function allOrNull<T>(items: readonly (T | null)[]): T[] | null {
  const all = items.filter((item) => item !== null);
  return all.length === items.length ? all : null;
}
