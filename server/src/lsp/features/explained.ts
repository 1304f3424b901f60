import type { Range } from '../../../../protocol/protocol.js';
import { explainDefinition } from '../../explain/explainAt.js';
import type { Explanation } from '../../explain/explanation.js';
import { registersBehind, stateOf } from '../../model/query/definedRegisters.js';
import { sourceOf } from '../../model/query/text.js';
import { isChosenBackend, type AnswerOptions } from '../answerOptions.js';
import { movedExplanation } from './movedExplanation.js';
import type { Meanwhile, Place } from '../engine/trees.js';
import { rangeOf } from '../positions.js';
import { definitionAtCursor } from './atCursor.js';
import type { PlaceQuestion } from './treeQuestion.js';

/** What is known of a place, limited to the backends that the user wants. */
export interface Explained {
  readonly explanation: Explanation;
  /** The token that it is about. */
  readonly range: Range;
  /** The register that it is about, `RSP`, else what it is about. */
  readonly title: string;
  /** The tree's root as the client writes it. */
  readonly root: string;
  /** Whether the place has a register, whose owner a client may ask for. */
  readonly hasOwner: boolean;
}

/** What is known of a place; null where that is nothing. */
export function explainedAt(place: Place, question: PlaceQuestion, options: AnswerOptions): Explained | null {
  const { model, path, root } = place;
  const source = sourceOf(model, path);
  const definition = definitionAtCursor(place, question, options);
  const explanation = definition && explainDefinition(model, definition);
  if (!source || !explanation) return null;
  const registers = registersBehind(model, definition);
  const [only, ...others] = registers;
  return {
    title: only && others.length === 0 ? only.register : explanation.subject.name,
    explanation: {
      ...explanation,
      owners: explanation.owners.filter(({ backend }) => isChosenBackend(backend, options)),
    },
    range: rangeOf(source, definition.token, options.encoding),
    root,
    hasOwner: registers.length > 0 || stateOf(definition) !== null,
  };
}

/** What is known of a place while its tree is read; null where that is nothing, or might be wrong. */
export function explainedMeanwhile(
  meanwhile: Meanwhile,
  question: PlaceQuestion,
  options: AnswerOptions,
): Explained | null {
  if (meanwhile.kind === 'lone') return firstLine(explainedAt(meanwhile.place, question, options));
  const { place, linesOf } = meanwhile;
  const lines = linesOf(place.path);
  const line = lines.earlier(question.position.line);
  if (line === null) return null;
  const earlier = explainedAt(place, { ...question, position: { ...question.position, line } }, options);
  const explanation = earlier && movedExplanation(earlier.explanation, linesOf);
  // A token is on one line.
  const onLine = { line: question.position.line };
  return (
    explanation && {
      ...earlier,
      explanation,
      range: { start: { ...earlier.range.start, ...onLine }, end: { ...earlier.range.end, ...onLine } },
    }
  );
}

/** Only what a file alone can show: the first line, without evidence. */
function firstLine(explained: Explained | null): Explained | null {
  if (!explained) return null;
  const { explanation } = explained;
  return {
    ...explained,
    explanation: {
      ...explanation,
      answer: { ...explanation.answer, evidence: [] },
      owners: [],
      notes: [{ phrases: ['The tree is still being read; its backends follow.'], evidence: [] }],
    },
    hasOwner: false,
  };
}
