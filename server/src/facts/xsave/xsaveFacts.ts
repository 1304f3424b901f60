import type { FunctionSource } from '../source/functionSource.js';
import type { FunctionContext } from '../source/expressions.js';
import type { FunctionTree } from '../source/functionTree.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { maskFacts, type MaskFacts } from './maskWrites.js';
import type { StateMove } from './stateMove.js';
import { replacedState, stateCalls, stateMoves, type StateCall } from './stateMoves.js';
import { LOADED_MEMBER, type GuardedOrigin } from './origins.js';
import { isGivenMask, mayReturnMask } from './stateFunctions.js';
import { refusedValues, type RefusedValue } from './xcr0Rules.js';

/** What a function does with XSAVE state. */
export interface XsaveFacts {
  readonly moves: readonly StateMove[];
  readonly calls: readonly StateCall[];
  /** What it says of masks, in each way through its `#if`s. */
  readonly masks: readonly MaskFacts[];
  readonly refused: readonly RefusedValue[];
  /** Whose state was in the registers before the function loads another's. */
  readonly replaced: readonly GuardedOrigin[];
}

const MASK_WORD =
  /^XFEATURE_|^host_xcr0$|^host_xss$|^kvm_host$|supported_x(?:cr0|ss)$|SUPPORTED_X(?:CR0|SS)|^xfeatures_mask|^max_features$/;

/** Reads what a function does with XSAVE state; null for one that names nothing of it. */
export function xsaveFacts(
  { name, words, calls, code, bodyStart }: FunctionSource,
  trees: readonly FunctionTree[],
  symbols: TreeSymbols,
): XsaveFacts | null {
  const { stateFunctions } = symbols;
  const isOne = stateFunctions.has(name) || calls.some((call) => stateFunctions.has(call.name));
  if (trees.length === 0 || !isOne) return null;
  const head = code.slice(0, bodyStart);
  const mayMakeMask = isOfMasks(words.keys()) || isGivenMask(head) || mayReturnMask(head);
  const readings: readonly FunctionContext[] = trees.map((tree) => ({ tree, symbols }));
  return {
    moves: readings.flatMap(stateMoves),
    calls: readings.flatMap(stateCalls),
    masks: mayMakeMask ? readings.map(maskFacts) : [],
    refused: readings.flatMap(refusedValues),
    replaced: words.has(LOADED_MEMBER) ? readings.flatMap(replacedState) : [],
  };
}

/** Whether a function may say something of masks of components: by its words. */
function isOfMasks(words: Iterable<string>): boolean {
  for (const word of words) if (MASK_WORD.test(word)) return true;
  return false;
}
