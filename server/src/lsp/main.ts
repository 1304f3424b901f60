import { createLifecycle } from './lifecycle.js';
import { serve } from './server.js';
import { connectionTo, type Transport } from './transport.js';

/**
 * Runs the language server until its client goes. `directory` is where the program's files are. Resolves when it serves; rejects
 * with what is wrong, in a sentence, where there is no client.
 */
export async function runServer(directory: URL, transport: Transport): Promise<void> {
  // Standard output is the protocol's: what a library prints there would break it.
  console.log = console.error;
  const lifecycle = createLifecycle();
  const connection = await connectionTo(transport, { messageStrategy: lifecycle });
  lifecycle.refuse(connection);
  serve(connection, directory);
}
