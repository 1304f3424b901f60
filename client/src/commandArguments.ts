import type { Location as ProtocolLocation, Position as ProtocolPosition } from '../../protocol/protocol.js';
import type { PageMessage } from '../../webview/messages.js';

/** A position in a document, as commands are handed it: by a lens or a hover's link, in LSP's form. */
export interface PlaceArguments {
  readonly uri: string;
  readonly position: ProtocolPosition;
}

/** `[uri, position]` of a command's arguments; null where they are something else, a menu's or none. */
export function placeArguments(args: readonly unknown[]): PlaceArguments | null {
  const [uri, position] = args;
  return typeof uri === 'string' && isPosition(position) ? { uri, position } : null;
}

/** The locations after `[uri, position]`; none where the arguments are something else. */
export function locationArguments(args: readonly unknown[]): ProtocolLocation[] {
  const [, , locations] = args;
  return Array.isArray(locations) ? locations.filter(isLocation) : [];
}

function isPosition(value: unknown): value is ProtocolPosition {
  return isRecord(value) && typeof value['line'] === 'number' && typeof value['character'] === 'number';
}

function isLocation(value: unknown): value is ProtocolLocation {
  if (!isRecord(value) || typeof value['uri'] !== 'string' || !isRecord(value['range'])) return false;
  return isPosition(value['range']['start']) && isPosition(value['range']['end']);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** What the register map's page says; null for anything that is none of its messages. */
export function pageMessage(value: unknown): PageMessage | null {
  if (!isRecord(value)) return null;
  const { type, register, backend, url } = value;
  if (type === 'register' && typeof register === 'string') return { type, register };
  if (type === 'run' && typeof backend === 'string') return { type, backend };
  return type === 'open' && typeof url === 'string' ? { type, url } : null;
}
