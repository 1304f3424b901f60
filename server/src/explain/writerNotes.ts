import { writersOf } from '../model/query/cacheMembers.js';
import { functionAt } from '../model/query/functions.js';
import type { FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, joinPhrases, statement, type Statement } from './explanation.js';

/** Functions that a note has room for. */
const MOST_WRITERS = 6;

/** Who gives a member of the cache's struct a value. */
export function writerNotes(model: RegisterModel, name: string): Statement[] {
  const writers = writersOf(model, name);
  return writers.length === 0 ? [] : [writersNote(model, writers)];
}

function writersNote(model: RegisterModel, all: readonly FileSpan[]): Statement {
  const writers = all.slice(0, MOST_WRITERS);
  const more = all.length - writers.length;
  const names = writers.flatMap(({ file, start }) => functionAt(model, file, start)?.name ?? []);
  return statement(
    ['Written by ', ...joinPhrases(names.map(code)), more === 0 ? '' : ` and ${String(more)} more`],
    writers.map(({ file, start }) => lineEvidence(model, file, start)),
  );
}
