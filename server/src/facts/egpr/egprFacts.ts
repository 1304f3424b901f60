import type { FunctionContext } from '../source/expressions.js';
import { egprCopies, type EgprCopy } from './egprCopies.js';
import { egprMoves, type EgprMove } from './egprMoves.js';
import { flagSets, flagsTaken, type FlagSet, type FlagsTaken } from './flagSets.js';
import { handedSlots, moverCalls, type HandedSlots, type MoverCall } from './moverCalls.js';

/** What a C function does with R16-R31. */
export interface EgprFacts {
  readonly moves: readonly EgprMove[];
  readonly copies: readonly EgprCopy[];
  readonly flags: readonly FlagSet[];
  readonly taken: readonly FlagsTaken[];
  readonly calls: readonly MoverCall[];
  readonly handed: readonly HandedSlots[];
}

/** Reads what a function does with R16-R31, from each way through its `#if`s. */
export function egprFacts(readings: readonly FunctionContext[]): EgprFacts {
  return {
    moves: readings.flatMap(egprMoves),
    copies: readings.flatMap(egprCopies),
    flags: readings.flatMap(flagSets),
    taken: readings.flatMap(flagsTaken),
    calls: readings.flatMap(moverCalls),
    handed: readings.flatMap(handedSlots),
  };
}
