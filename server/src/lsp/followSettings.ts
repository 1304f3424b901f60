import { isDeepStrictEqual } from 'node:util';
import { DidChangeConfigurationNotification, type Connection } from 'vscode-languageserver';
import { SECTION } from '../../../protocol/protocol.js';
import { isRecord } from './isRecord.js';
import type { Send } from './send.js';
import type { Session } from './session.js';

/**
 * Keeps the session's settings as the client has them: it is asked for them where it can answer that, else it tells of them.
 * Until it has, those of the handshake count. `onChange`: they are others now.
 */
export function followSettings(connection: Connection, session: Session, send: Send, onChange: () => void): void {
  const { workspace } = session.capabilities;
  const set = (settings: unknown) => {
    if (isDeepStrictEqual(settings, session.settings)) return;
    session.settings = settings;
    onChange();
  };
  const pull = async () => {
    set(await connection.workspace.getConfiguration(SECTION));
  };
  const isPulled = workspace?.configuration ?? false;
  connection.onDidChangeConfiguration(({ settings }: { readonly settings: unknown }) => {
    if (isPulled) send('settings', pull());
    else if (isRecord(settings)) set(settings[SECTION] ?? settings);
  });
  if (isPulled) send('settings', pull());
  if (workspace?.didChangeConfiguration?.dynamicRegistration) {
    const registration = connection.client.register(DidChangeConfigurationNotification.type, { section: SECTION });
    send('watching settings', registration);
  }
}
