import { isAbsolute } from 'node:path';
import { SHOW_LOCATION } from '../../../protocol/protocol.js';
import { isRecord } from './isRecord.js';

/** What a client asked for when it started the server. */
export interface ClientOptions {
  /** The client's command that shows places: [uri, position, locations]. Null where it has none. */
  readonly showLocations: string | null;
  /** The client's command that sets how a rule's findings are shown: [rule or family, severity]. Null where it has none. */
  readonly setSeverity: string | null;
  /** Hovers may hold links that run `LINKED_COMMANDS`. */
  readonly hasCommandLinks: boolean;
  /** Where the server may keep what it can make again; null where the client does not say. */
  readonly cacheDirectory: string | null;
  /** Section `kvmRegs`, where the client gave it. */
  readonly settings: unknown;
}

/** Reads `initializationOptions`, `InitializationOptions` of the protocol; whatever is not as it should be is as if not given. */
export function clientOptions(value: unknown): ClientOptions {
  const { commands, commandLinks, cacheDirectory, settings } = isRecord(value) ? value : {};
  const { showLocations, setSeverity } = isRecord(commands) ? commands : {};
  return {
    showLocations: typeof showLocations === 'string' && showLocations !== SHOW_LOCATION ? showLocations : null,
    setSeverity: typeof setSeverity === 'string' ? setSeverity : null,
    hasCommandLinks: commandLinks === true,
    cacheDirectory: typeof cacheDirectory === 'string' && isAbsolute(cacheDirectory) ? cacheDirectory : null,
    settings,
  };
}
