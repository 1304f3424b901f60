import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzzerOf } from './fuzzer.js';

/** A fuzzer of numbers that fails from a number on. */
function numbersBelow(limit: number) {
  return fuzzerOf({
    name: 'numbers',
    inputs: fc.nat(10_000),
    judge: (n) => {
      if (n >= limit) throw new Error('too large');
    },
    filesOf: (n) => new Map([['number.txt', String(n)]]),
  });
}

it('makes an input that fails as small as it can, and finds it again by its seed', () => {
  const batch = { seed: 3, inputs: 100 };
  const { inputs, failure } = numbersBelow(1000).run(batch);
  expect(failure?.message).toMatch(/^Error: too large/);
  expect(failure?.files).toEqual(new Map([['number.txt', '1000']]));
  expect(numbersBelow(1000).run(batch).inputs).toBe(inputs);
});

it('finds nothing where all inputs are as they must be', () => {
  expect(numbersBelow(10_001).run({ seed: 3, inputs: 100 })).toEqual({ inputs: 100, failure: null });
});
