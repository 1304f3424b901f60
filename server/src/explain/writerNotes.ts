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
  return functionsNotes(model, 'Written by ', writersOf(model, name), MOST_WRITERS);
}

/** The functions in which some places are, at most so many of them with their lines, behind what they do; nothing for no place. */
export function functionsNotes(
  model: RegisterModel,
  lead: string,
  all: readonly FileSpan[],
  most: number,
): Statement[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, most);
  const more = all.length - shown.length;
  const names = shown.flatMap(({ file, start }) => functionAt(model, file, start)?.name ?? []);
  return [
    statement(
      [lead, ...joinPhrases(names.map(code)), more === 0 ? '' : ` and ${String(more)} more`],
      shown.map(({ file, start }) => lineEvidence(model, file, start)),
    ),
  ];
}
