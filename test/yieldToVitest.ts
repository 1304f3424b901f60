import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach } from 'vitest';

// Tests that never wait would keep a worker from hearing vitest, which takes it for dead after a minute.
beforeEach(async () => {
  await nextTurn();
});
