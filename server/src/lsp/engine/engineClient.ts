import { Worker } from 'node:worker_threads';
import {
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  type MessageConnection,
} from 'vscode-languageserver/node';
import { notifierOver, type Notify } from './engineProtocol.js';

/** The engine as the server sees it. */
export interface EngineClient {
  /** For the messages of `engineProtocol.ts`; nothing comes before it listens. */
  readonly connection: MessageConnection;
  readonly notify: Notify;
  /** Ends the thread; what is still asked is rejected. */
  readonly stop: () => Promise<unknown>;
}

/**
 * Starts the engine's thread from `engine.js` beside the program.
 * @param onError called with the error that ended the thread; no request is answered after it
 */
export function startEngine(script: URL, onError: (error: Error) => void): EngineClient {
  const worker = new Worker(script);
  worker.on('error', onError);
  const connection = createMessageConnection(new PortMessageReader(worker), new PortMessageWriter(worker));
  return {
    connection,
    notify: notifierOver(connection),
    stop: () => {
      connection.dispose();
      return worker.terminate();
    },
  };
}
