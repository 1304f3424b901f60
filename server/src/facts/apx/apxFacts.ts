import type { Reading } from '../expressions.js';
import { extendedCopies, type ExtendedCopy } from './extendedCopies.js';
import { extendedMoves, type ExtendedMove } from './extendedMoves.js';
import { flagSets, type FlagSet } from './flagSets.js';

/** What a C function does with R16-R31. */
export interface ApxFacts {
  readonly moves: readonly ExtendedMove[];
  readonly copies: readonly ExtendedCopy[];
  readonly flags: readonly FlagSet[];
}

/** Reads what a function does with R16-R31, from each way through its `#if`s. */
export function apxFacts(readings: readonly Reading[]): ApxFacts {
  return {
    moves: readings.flatMap(extendedMoves),
    copies: readings.flatMap(extendedCopies),
    flags: readings.flatMap(flagSets),
  };
}
