import { createConnection as connectTo, type Socket } from 'node:net';
import process from 'node:process';
import {
  createConnection,
  ProposedFeatures,
  type Connection,
  type ConnectionOptions,
} from 'vscode-languageserver/node';

/** How long a client may take to be there. Milliseconds. */
const CONNECT_TIMEOUT = 10_000;

/** The way to the client that was chosen on the command line: one is not null. */
export interface Transport {
  /** A port of localhost on which the client listens. */
  readonly port: number | null;
  /** A named pipe, or the path of a Unix socket, at which it listens. */
  readonly pipe: string | null;
}

/**
 * The connection to the client: over the port or the pipe, else over the transport that the process' own arguments name (`--stdio`,
 * `--node-ipc`), as the library reads them. The process ends when the client goes.
 * Rejects with what is wrong, in a sentence, where no client is there.
 */
export async function connectionTo({ port, pipe }: Transport, options: ConnectionOptions): Promise<Connection> {
  if (port !== null || pipe !== null) {
    const socket = await connected(port ?? pipe ?? '');
    return createConnection(ProposedFeatures.all, socket, socket, options);
  }
  if (process.argv.includes('--node-ipc')) {
    if (!process.send) throw new Error('--node-ipc: there is no IPC channel; a Node.js parent opens one');
    process.once('disconnect', () => process.exit(1));
  }
  return createConnection(ProposedFeatures.all, options);
}

function connected(at: number | string): Promise<Socket> {
  const where = typeof at === 'number' ? `port ${String(at)} of localhost` : at;
  return new Promise((resolve, reject) => {
    const socket = typeof at === 'number' ? connectTo(at, '127.0.0.1') : connectTo(at);
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`no client at ${where}: ${reason}`));
    };
    socket.setTimeout(CONNECT_TIMEOUT, () => {
      fail('no answer in 10 s');
    });
    socket.once('error', ({ message }) => {
      fail(message);
    });
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
