import type { Connection } from 'vscode-languageserver';
import { errorMessage } from './errorText.js';

/**
 * Sends something to the client of which nothing depends on the answer. A client may refuse what it is asked, whatever it said
 * that it can: that is logged, as a failure of `what`, and the server goes on.
 */
export type Send = (what: string, sending: Promise<unknown>) => void;

export function sendTo(connection: Connection): Send {
  return (what, sending) => {
    sending.catch((error: unknown) => {
      connection.console.error(`${what}: ${errorMessage(error)}`);
    });
  };
}
