import type { Location } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { Location as ProtocolLocation, OwnerItem, PlaceParams } from '../../protocol/protocol.js';
import type { RegisterOwner } from './api.js';
import type { Place } from './place.js';

/** The server's locations as VS Code has them. */
export function editorLocations(client: LanguageClient, locations: readonly ProtocolLocation[]): Location[] {
  return locations.map((location) => client.protocol2CodeConverter.asLocation(location));
}

/** An owner with its locations as VS Code has them. */
export function editorOwner(client: LanguageClient, owner: OwnerItem): RegisterOwner {
  const { backend, sync, label, detail } = owner;
  return { backend, sync, label, detail, locations: editorLocations(client, owner.locations) };
}

/** A position in a document as the protocol has it. */
export function protocolPlace(client: LanguageClient, { uri, position }: Place): PlaceParams {
  const convert = client.code2ProtocolConverter;
  return { textDocument: { uri: convert.asUri(uri) }, position: convert.asPosition(position) };
}
