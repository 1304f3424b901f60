import type { PlaceParams, Position } from '../../../../protocol/protocol.js';
import type { Steps } from '../../model/steps.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place, Trees } from '../engine/trees.js';

/** A question about a position in a document. */
export interface PlaceQuestion {
  readonly uri: string;
  readonly position: Position;
}

export function placeQuestion({ textDocument, position }: PlaceParams): PlaceQuestion {
  const { line, character } = position;
  if (!isCount(line) || !isCount(character)) throw new TypeError('no position');
  return { ...documentQuestion({ textDocument }), position };
}

/** Whether a value is what the protocol calls a uinteger. Any client may send anything. */
function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** A question about a whole document. */
export interface DocumentQuestion {
  readonly uri: string;
}

export function documentQuestion({ textDocument }: Pick<PlaceParams, 'textDocument'>): DocumentQuestion {
  return { uri: givenText(textDocument.uri) };
}

/** What must be a string, and from a client may be anything; throws where it is none. */
export function givenText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no string');
  return value;
}

/** Answers a question about a document of a tree. */
export type PlaceAnswer<Question, Answer> = (place: Place, question: Question, options: AnswerOptions) => Answer | null;

/** Reads the tree of a question's document, then answers; null for a document of no tree. */
export function inTree<Question extends DocumentQuestion, Answer>(answer: PlaceAnswer<Question, Answer>) {
  return function* (trees: Trees, question: Question, options: AnswerOptions): Steps<Answer | null> {
    const place = yield* trees.place(question.uri);
    return place && answer(place, question, options);
  };
}
