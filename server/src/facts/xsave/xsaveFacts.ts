import type { FunctionSource } from '../source/functionSource.js';
import type { FunctionContext } from '../source/expressions.js';
import type { FunctionTree } from '../source/functionTree.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { MASK_WORDS, maskWrites, type MaskWrite } from './maskWrites.js';
import type { StateMove } from './stateMove.js';
import { replacedState, stateCalls, stateMoves, type StateCall } from './stateMoves.js';
import { LOADED_MEMBER, type GuardedOrigin } from './origins.js';
import { refusedValues, type RefusedValue } from './xcr0Rules.js';

/** What a function does with XSAVE state. */
export interface XsaveFacts {
  readonly moves: readonly StateMove[];
  readonly calls: readonly StateCall[];
  readonly masks: readonly MaskWrite[];
  readonly refused: readonly RefusedValue[];
  /** Whose state was in the registers before the function loads another's. */
  readonly replaced: readonly GuardedOrigin[];
}

/** Reads what a function does with XSAVE state; null for one that names nothing of it. */
export function xsaveFacts(
  { name, words, calls }: FunctionSource,
  trees: readonly FunctionTree[],
  symbols: TreeSymbols,
): XsaveFacts | null {
  const { stateFunctions } = symbols;
  const isOne = stateFunctions.has(name) || calls.some((call) => stateFunctions.has(call.name));
  if (trees.length === 0 || !isOne) return null;
  const readings: readonly FunctionContext[] = trees.map((tree) => ({ tree, symbols }));
  return {
    moves: readings.flatMap(stateMoves),
    calls: readings.flatMap(stateCalls),
    masks: MASK_WORDS.some((word) => words.has(word)) ? readings.flatMap(maskWrites) : [],
    refused: readings.flatMap(refusedValues),
    replaced: words.has(LOADED_MEMBER) ? readings.flatMap(replacedState) : [],
  };
}
