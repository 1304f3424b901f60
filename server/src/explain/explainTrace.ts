import { fileOffset } from '../model/callGraph.js';
import type { TraceField } from '../model/query/traceFields.js';
import type { RegisterModel } from '../model/registerModel.js';
import { fewLines, lineEvidence } from './evidence.js';
import { ownerLines } from './ownerLines.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';

/** A field or parameter of a tracepoint: what it records, and who gives it. Nothing is moved by it. */
export function explainTraceField(model: RegisterModel, name: string, field: TraceField): Explanation {
  const { event, role, register, given } = field;
  const trace: Phrase[] = event === null ? ['a tracepoint'] : ['the tracepoint ', code(event)];
  const what: Phrase[] =
    role === 'field' ? ['recorded by ', ...trace, ', which moves nothing'] : ['a parameter of ', ...trace];
  return {
    subject: { kind: 'place', name },
    answer: statement(
      [strong(name), ': ', ...(register ? [`${register.register}, `] : []), ...what, ...valuePhrases(field)],
      fewLines(given.map(({ fn, offset }) => lineEvidence(model, fn.file, fileOffset(fn, offset)))),
    ),
    owners: register ? ownerLines(model, register, { first: null, isShort: true }) : [],
    notes: [],
  };
}

/** Callers that a line has room for. */
const MOST_GIVEN = 3;

function valuePhrases({ value, given }: TraceField): Phrase[] {
  if (value !== null) return ['; from ', code(value)];
  if (given.length === 0) return [];
  const shown = given.slice(0, MOST_GIVEN).map(({ fn, text }): Phrase[] => [code(text), ` by ${fn.name}`]);
  const rest = given.length > MOST_GIVEN ? `, and ${String(given.length - MOST_GIVEN)} others` : '';
  return ['; given ', ...shown.flatMap((phrases, i) => (i === 0 ? phrases : [', ', ...phrases])), rest];
}
