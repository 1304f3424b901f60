import { DeclarationRequest, DefinitionRequest, type Location } from 'vscode-languageserver';
import { definitionsAt } from '../../explain/definitions.js';
import { distinctSpans, type FileSpan } from '../../explain/registersAtCursor.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf, offsetAtPosition } from '../positions.js';
import { switchSetting } from '../settings.js';
import { declarationsOf, nonEmpty, registersAtCursor, stateAtCursor } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './place.js';

const setting = switchSetting(
  'definition.enable',
  true,
  'Go to Definition and Declaration, where more is known than a C indexer can know.',
);

export const definition = treeRequest({
  request: DefinitionRequest.type,
  capability: { definitionProvider: true },
  setting,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree(definitions),
});

export const declaration = treeRequest({
  request: DeclarationRequest.type,
  capability: { declarationProvider: true },
  setting,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree(declarations),
});

/** Only where more is known than an indexer of C knows. */
function definitions(place: Place, { position }: PlaceQuestion, { encoding }: AnswerOptions): Location[] | null {
  const offset = offsetAtPosition(place, position, encoding);
  const spans = offset === null ? [] : definitionsAt(place.model, place.path, offset);
  return nonEmpty(locationsOf(place, distinctSpans(spans), encoding));
}

/** The enum member, of a register or of an XSAVE component. */
function declarations(place: Place, question: PlaceQuestion, options: AnswerOptions): Location[] | null {
  const found = registersAtCursor(place, question, options);
  const component = found ? null : (stateAtCursor(place, question, options)?.subject.component ?? null);
  const members = (found?.registers ?? []).flatMap(({ member }): FileSpan[] =>
    member?.declared
      ? [{ file: member.declared.file, start: member.offset, end: member.offset + member.name.length }]
      : [],
  );
  return nonEmpty(locationsOf(place, [...members, ...declarationsOf(component)], options.encoding));
}
