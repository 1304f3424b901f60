import type { NamedPlace, PlaceGroup, RegisterPlaces, RegisterPlacesParams } from '../../../../protocol/protocol.js';
import { shortPath } from '../../explain/explanation.js';
import { phraseText } from '../../explain/explanationText.js';
import { oneLine } from '../../explain/printable.js';
import { wordsOf } from '../../explain/words.js';
import { assignmentGroups, groupStatement } from '../../explain/xsave/assignmentGroups.js';
import { registersBehind, stateOf } from '../../model/query/definedRegisters.js';
import { accessOf, referencesOf } from '../../model/query/references.js';
import { distinctSpans, sourceOf, type FileSpan } from '../../model/query/text.js';
import { transferSpan } from '../../model/query/transfers.js';
import { assignmentSpan } from '../../model/query/xsaveReferences.js';
import { owningAssignments } from '../../model/query/xsaveAssignments.js';
import type { XsaveSubject } from '../../model/query/xsaveStates.js';
import type { Register, RegisterOwner } from '../../model/registerModel.js';
import { conjunctionText } from '../../syntax/conditions/guard.js';
import { lineAt } from '../../syntax/text/sourceText.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { definitionAtCursor, ownersFirst } from './atCursor.js';
import { treeRequest } from './feature.js';
import { ownerItems } from './owners.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion, type PlaceQuestion } from './treeQuestion.js';

/** What the places of a register are grouped by. */
interface PlacesQuestion extends PlaceQuestion {
  readonly kind: RegisterPlacesParams['kind'];
}

/** A register's references by what they do, or its owners by backend and direction; of XSAVE state, who assigns it. */
export const registerPlaces = treeRequest({
  request: ownRequest('kvmRegs/registerPlaces'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: (params): PlacesQuestion => ({ ...placeQuestion(params), kind: params.kind }),
  answer: inTree(placesAt),
});

function placesAt(place: Place, question: PlacesQuestion, options: AnswerOptions): RegisterPlaces | null {
  const definition = definitionAtCursor(place, question, options);
  if (!definition) return null;
  const [register] = registersBehind(place.model, definition);
  if (register) {
    const groupsOf = question.kind === 'owners' ? ownerGroups : referenceGroups;
    return { register: register.register, groups: groupsOf(place, register, options) };
  }
  const state = question.kind === 'owners' ? stateOf(definition) : null;
  return state && { register: state.name, groups: stateGroups(place, state, options) };
}

/** A group for each way in which a piece of XSAVE state is loaded, saved or set. */
function stateGroups(place: Place, state: XsaveSubject, options: AnswerOptions): PlaceGroup[] {
  return assignmentGroups(owningAssignments(place.model, state)).map((group) => ({
    label: oneLine(phraseText(groupStatement(wordsOf(place.model), group).phrases)),
    description: oneLine(conjunctionText(group.first.conditions)),
    places: namedPlaces(
      place,
      group.assignments.map((assignment) => assignmentSpan(place.model, assignment)),
      options,
    ),
    groups: [],
  }));
}

/** Writes, reads, and what only names the register; what is empty is left out. */
function referenceGroups(place: Place, register: Register, options: AnswerOptions): PlaceGroup[] {
  const all = referencesOf(place.model, register);
  const labels = { write: 'Written', read: 'Read', other: 'Named, marked or tested' };
  return (['write', 'read', 'other'] as const).flatMap((access) => {
    const own = all.filter(({ reference }) => (accessOf(reference) ?? 'other') === access);
    const spans = own.map(({ file, reference: { start, end } }) => ({ file, start, end }));
    return groupOf(labels[access], namedPlaces(place, spans, options));
  });
}

/** A group for each owner, in it what brings the register into the cache and what takes it back. */
function ownerGroups(place: Place, register: Register, options: AnswerOptions): PlaceGroup[] {
  const items = ownerItems(place, register, options);
  const spansOf = (transfers: RegisterOwner['load']) =>
    transfers.map((transfer) => transferSpan(place.model, register.member?.name ?? null, transfer));
  return ownersFirst(place, register, options).map((owner, i) => ({
    label: items[i]?.label ?? owner.backend,
    description: items[i]?.detail ?? '',
    places: [],
    groups: [
      ...groupOf('Into the register cache', namedPlaces(place, spansOf(owner.load), options)),
      ...groupOf('Back out of it', namedPlaces(place, spansOf(owner.store), options)),
    ],
  }));
}

function groupOf(label: string, places: readonly NamedPlace[]): PlaceGroup[] {
  return places.length === 0 ? [] : [{ label, description: String(places.length), places, groups: [] }];
}

function namedPlaces(place: Place, spans: readonly FileSpan[], { encoding }: AnswerOptions): NamedPlace[] {
  return distinctSpans(spans).flatMap((span) => {
    const source = sourceOf(place.model, span.file);
    const [location] = locationsOf(place, [span], encoding);
    if (!source || !location) return [];
    const line = lineAt(source, span.start);
    const text = source.text.slice(source.lineStarts[line - 1], source.lineStarts[line]).trim();
    return [{ location, name: oneLine(`${shortPath(span.file)}:${String(line)}`), text: oneLine(text) }];
  });
}
