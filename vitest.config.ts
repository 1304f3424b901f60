import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Vitest leaves a core to itself, which on two cores is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          setupFiles: ['test/yieldToVitest.ts'],
          // Every answer is a fresh one, but where a test says otherwise, and nothing is left in the user's cache directory.
          env: { KVM_REGS_CACHE_LIMIT: '0' },
          // Reading a kernel takes seconds on a machine that has other work.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          testTimeout: 120_000,
          env: { KVM_REGS_CACHE_LIMIT: '0' },
          hookTimeout: 120_000,
          expect: { poll: { timeout: 40_000 } }, // a reading takes its time on a machine with other work
          // After the others and one at a time: an editor and its server want the machine for themselves.
          sequence: { groupOrder: 1 },
          poolOptions: { forks: { singleFork: true } },
        },
      },
    ],
  },
});
