import type { LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction, type ErrorHandler } from 'vscode-languageclient/node';

/** A server that ends by itself is started again, unless it did so more often than this in the time below. */
const MOST_RESTARTS = 4;
const RESTART_TIME_MS = 3 * 60_000;

/**
 * What is done when the server ends by itself, or says what cannot be read.
 * @param onGivenUp called with what happened when it is not started again
 */
export function crashHandler(log: LogOutputChannel, onGivenUp: (what: string) => void): ErrorHandler {
  let ends: number[] = [];
  return {
    error: (error) => {
      log.error(`a message to or from the server: ${error.message}`);
      return { action: ErrorAction.Continue, handled: true };
    },
    closed: () => {
      const now = Date.now();
      ends = [...ends.filter((time) => now - time < RESTART_TIME_MS), now];
      const isRestarted = ends.length <= MOST_RESTARTS;
      log.error(
        `the server ended by itself; ${isRestarted ? 'it is started again' : 'that was too often to start it again'}`,
      );
      if (!isRestarted) onGivenUp('has crashed five times in three minutes');
      return { action: isRestarted ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
    },
  };
}
