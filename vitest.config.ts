import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Where tests of the engine alone are: they change nothing of their process, so that one reads each kernel once for many of them. */
const ENGINE = [
  'backends',
  'check',
  'emulator',
  'explain',
  'facts',
  'fuzz',
  'kernels',
  'model',
  'samples',
  'syntax',
  'view',
];

/** Those of them that count or time what a process does, which is theirs alone. */
const MEASURING = [
  'check/apx/edits',
  'facts/longInputs',
  'kernels/readingWork',
  'kernels/worldSwitchCost',
  'model/keptReading',
  'model/readTree',
  'syntax/asmSpans',
  'syntax/blanking',
].map((name) => `test/${name}.test.ts`);

/** Every answer is a fresh one, but where a test says otherwise, and nothing is left in the user's cache directory. */
const env = { KVM_REGS_CACHE_LIMIT: '0' };

/** What all tests have that open no editor. Reading a kernel takes seconds on a machine that has other work. */
const quick = { setupFiles: ['test/yieldToVitest.ts'], env, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Vitest leaves a core to itself, which on two cores is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Vitest asks for the pool's isolation here alone.
    poolOptions: { threads: { isolate: false } },
    projects: [
      {
        test: {
          ...quick,
          name: 'engine',
          include: [`test/{${ENGINE.join(',')}}/**/*.test.ts`],
          exclude: MEASURING,
          pool: 'threads',
        },
      },
      {
        test: {
          ...quick,
          name: 'parts',
          globalSetup: 'test/storeOfRun.ts',
          sequence: { groupOrder: 1 },
          include: ['test/*.test.ts', `test/!(${['e2e', ...ENGINE].join('|')})/**/*.test.ts`, ...MEASURING],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          globalSetup: 'test/e2e/packages.ts',
          testTimeout: 120_000,
          env,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 40_000 } }, // a reading takes its time on a machine with other work
          // After the others and one at a time: an editor and its server want the machine for themselves.
          sequence: { groupOrder: 2 },
          poolOptions: { forks: { singleFork: true } },
        },
      },
    ],
  },
});
