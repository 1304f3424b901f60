import {
  CodeLensRefreshRequest,
  CodeLensRequest,
  CodeLensResolveRequest,
  type CodeLens,
  type Command,
  type Position,
} from 'vscode-languageserver';
import { SHOW_LOCATION, type Location } from '../../../../protocol/protocol.js';
import { lensesOf } from '../../explain/lenses.js';
import { sourceOf } from '../../model/query/text.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { ClientOptions } from '../clientOptions.js';
import { movedRange, NO_MOVES, type LineMoves } from '../engine/lineMoves.js';
import type { EarlierPlace, Place } from '../engine/trees.js';
import { isRecord } from '../isRecord.js';
import { locationsOf, rangeOf, uriOf } from '../positions.js';
import { settingIn, switchSetting } from '../settings.js';
import { localRequest, treeRequest } from './feature.js';
import { documentQuestion, inTree } from './treeQuestion.js';

const everyFunction = switchSetting(
  'codeLens.everyFunction',
  false,
  'A lens above every function that reads or writes a register, not only above those that move one.',
);

/** Where lenses are; what they say is their data until they are resolved. */
export const codeLens = treeRequest({
  request: CodeLensRequest.type,
  capability: { codeLensProvider: { resolveProvider: true } },
  setting: switchSetting(
    'codeLens.enable',
    true,
    'Lenses above register enumerators, accessors, world switches and functions that move registers.',
  ),
  settings: [everyFunction],
  urgency: 'display',
  question: documentQuestion,
  answer: inTree((place, _, options) => codeLenses(place, options)),
  early: (trees, { uri }, options) => {
    const earlier = options.refreshesLenses ? trees.earlier(uri) : null;
    return earlier && earlierLenses(earlier, options);
  },
  refresh: {
    request: CodeLensRefreshRequest.type,
    isSupported: ({ workspace }) => workspace?.codeLens?.refreshSupport,
  },
});

/** The title, with a command that exists: the client's, else the server's, else none. */
export const codeLensResolve = localRequest({
  request: CodeLensResolveRequest.type,
  capability: {},
  answer: (lens, server) => resolvedLens(lens, server.client()),
});

export function codeLenses(place: Place, options: AnswerOptions): CodeLens[] {
  return movedLenses(place, options, () => NO_MOVES).filter((lens) => lens !== null);
}

/** The lenses of before an edit, on the lines where those are now; null where one of these lines was edited. */
function earlierLenses({ place, linesOf }: EarlierPlace, options: AnswerOptions): CodeLens[] | null {
  const moved = movedLenses(place, options, linesOf);
  const lenses = moved.filter((lens) => lens !== null);
  return lenses.length === moved.length ? lenses : null;
}

/** The lenses of a place, as lines of files have moved; null in the stead of one whose own line is not the same. */
function movedLenses(
  place: Place,
  options: AnswerOptions,
  linesOf: (path: string) => LineMoves,
): readonly (CodeLens | null)[] {
  const { model, root, path } = place;
  const source = sourceOf(model, path);
  if (!source) return [];
  const isForEvery = settingIn(options.settings, everyFunction);
  return lensesOf(model, path, { everyFunction: isForEvery }).map((lens) => {
    const range = movedRange(rangeOf(source, lens.span, options.encoding), linesOf(path));
    const locations = lens.locations.flatMap((span) =>
      locationsOf(place, [span], options.encoding).flatMap((location) => {
        const moved = movedRange(location.range, linesOf(span.file));
        return moved ? [{ ...location, range: moved }] : [];
      }),
    );
    const data: LensData = { uri: uriOf(root, path), title: lens.title, locations };
    return range && { range, data };
  });
}

export function resolvedLens(lens: CodeLens, client: ClientOptions): CodeLens {
  const data = lensData(lens.data);
  if (!data) return lens;
  return { range: lens.range, command: commandOf(data, lens.range.start, client) };
}

function commandOf(data: LensData, position: Position, client: ClientOptions): Command {
  const [first] = data.locations;
  const { title } = data;
  if (!first) return { title, command: '' };
  if (client.showLocations !== null)
    return { title, command: client.showLocations, arguments: [data.uri, position, data.locations] };
  return { title, command: SHOW_LOCATION, arguments: [first.uri, first.range] };
}

interface LensData {
  readonly uri: string;
  readonly title: string;
  readonly locations: readonly Location[];
}

function lensData(value: unknown): LensData | null {
  if (!isRecord(value)) return null;
  const { uri, title, locations } = value;
  if (typeof uri !== 'string' || typeof title !== 'string' || !Array.isArray(locations)) return null;
  return { uri, title, locations: locations.filter(isLocation) };
}

function isLocation(value: unknown): value is Location {
  return isRecord(value) && typeof value['uri'] === 'string' && isRecord(value['range']);
}
