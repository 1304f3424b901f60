import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** Expects two large values to be equal. Vitest's own comparison, which takes many times as long, says where they differ. */
export function expectSame(actual: unknown, expected: unknown, message?: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, message).toEqual(expected);
}
