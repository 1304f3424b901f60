import { SHOW_LOCATION } from '../../../protocol/protocol.js';
import { isRecord } from './isRecord.js';

/** What a client asked for when it started the server. */
export interface ClientOptions {
  /** The client's command that shows places: [uri, position, locations]. Null where it has none. */
  readonly showLocations: string | null;
  /** Hovers may hold links that run `LINKED_COMMANDS`. */
  readonly hasCommandLinks: boolean;
  /** Section `kvmRegs`, where the client gave it. */
  readonly settings: unknown;
}

/** Reads `initializationOptions`, `InitializationOptions` of the protocol; whatever is not as it should be is as if not given. */
export function clientOptions(value: unknown): ClientOptions {
  const { commands, commandLinks, settings } = isRecord(value) ? value : {};
  const { showLocations } = isRecord(commands) ? commands : {};
  return {
    showLocations: typeof showLocations === 'string' && showLocations !== SHOW_LOCATION ? showLocations : null,
    hasCommandLinks: commandLinks === true,
    settings,
  };
}
