import { ExecuteCommandRequest } from 'vscode-languageserver';
import { SHOW_LOCATION, type Range } from '../../../../protocol/protocol.js';
import { isRecord } from '../isRecord.js';
import { localRequest } from './feature.js';

/** The command of a lens for a client that has none of its own: asks the client to show a place. */
export const showLocation = localRequest({
  request: ExecuteCommandRequest.type,
  capability: { executeCommandProvider: { commands: [SHOW_LOCATION] } },
  answer: async (params, server, connection): Promise<null> => {
    const given: readonly unknown[] = params.arguments ?? [];
    const [uri, range] = params.command === SHOW_LOCATION ? given : [];
    if (typeof uri === 'string' && server.capabilities().window?.showDocument?.support) {
      await connection.window.showDocument({ uri, takeFocus: true, ...(isRange(range) ? { selection: range } : {}) });
    }
    return null;
  },
});

function isRange(value: unknown): value is Range {
  return isRecord(value) && isRecord(value['start']) && isRecord(value['end']);
}
