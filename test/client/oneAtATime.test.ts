import { expect, test } from 'vitest';
import { oneAtATime } from '../../client/src/oneAtATime.js';

/** An action whose runs end when the test says so. */
function heldAction() {
  const ends: (() => void)[] = [];
  const action = () => new Promise<void>((resolve) => ends.push(resolve));
  return { action, runs: () => ends.length, end: () => ends.at(-1)?.() };
}

test('what is asked for while it runs is done once, behind that', async () => {
  const { action, runs, end } = heldAction();
  const run = oneAtATime(action, (error) => expect.unreachable(String(error)));
  for (let times = 0; times < 5; times++) run();
  expect(runs()).toBe(1);
  end();
  await expect.poll(runs).toBe(2);
  end();
  run();
  await expect.poll(runs).toBe(3);
});

test('one that fails is told of, and the next is done', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  const run = oneAtATime(
    () => Promise.reject(new Error(`run ${String(++runs)}`)),
    (error) => errors.push(error),
  );
  run();
  run();
  await expect.poll(() => errors.map(String)).toEqual(['Error: run 1', 'Error: run 2']);
});
