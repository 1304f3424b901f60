import type { CodeLens, Command, Location, Position } from 'vscode-languageserver';
import { lensesOf } from '../explain/lenses.js';
import type { AnswerOptions } from './answers.js';
import { locationsOf, rangeOf, uriOf } from './positions.js';
import { isRecord, SHOW_LOCATION, type ClientOptions } from './protocol.js';
import type { Place } from './workspace.js';

/** textDocument/codeLens: where lenses are; what they say is their data until they are resolved. */
export function codeLenses({ model, path }: Place, options: AnswerOptions): CodeLens[] {
  const source = model.files.get(path)?.source;
  if (!source) return [];
  return lensesOf(model, path, { everyFunction: options.everyFunction }).map((lens) => {
    const range = rangeOf(source, lens.span, options.encoding);
    const locations = locationsOf(model, lens.locations, options.encoding);
    return { range, data: { uri: uriOf(model.root, path), title: lens.title, locations } };
  });
}

/** codeLens/resolve: the title, with a command that exists: the client's, else the server's, else none. */
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
