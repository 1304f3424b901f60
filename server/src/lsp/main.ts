import process from 'node:process';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './server.js';

/**
 * Runs the language server over the transport that the process' arguments name (`--stdio`, `--node-ipc`, `--socket=PORT`), until
 * its client goes. `directory` is where the program's files are.
 */
export function runServer(directory: URL): void {
  // Standard output is the protocol's: what a library prints there would break it.
  console.log = console.error;
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  });
  serve(createConnection(ProposedFeatures.all), directory);
}
