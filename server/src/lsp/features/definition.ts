import { DeclarationRequest, DefinitionRequest, type Location } from 'vscode-languageserver';
import { registersOf, stateOf } from '../../model/query/definedRegisters.js';
import { declarationOf } from '../../model/query/registers.js';
import { symbolDefinitions } from '../../model/query/symbolDefinitions.js';
import { declarationOfComponent } from '../../model/query/xsaveReferences.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { definitionAtCursor, nonEmpty } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './treeQuestion.js';

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
function definitions(place: Place, question: PlaceQuestion, options: AnswerOptions): Location[] | null {
  const definition = definitionAtCursor(place, question, options);
  const spans = definition ? symbolDefinitions(place.model, definition.token) : [];
  return nonEmpty(locationsOf(place, spans, options.encoding));
}

/** The enum member, of a register or of an XSAVE component. */
function declarations(place: Place, question: PlaceQuestion, options: AnswerOptions): Location[] | null {
  const definition = definitionAtCursor(place, question, options);
  if (!definition) return null;
  const members = registersOf(place.model, definition).flatMap(({ member }) => (member && declarationOf(member)) ?? []);
  const component = stateOf(definition)?.component;
  const spans = component ? [declarationOfComponent(component)] : members;
  return nonEmpty(locationsOf(place, spans, options.encoding));
}
