import type { OutlineItem } from '../../syntax/outline.js';
import type { Reading } from '../expressions.js';
import type { FunctionTree } from '../functionTree.js';
import type { SourceOutline } from '../sourceOutline.js';
import type { Vocabulary } from '../vocabulary.js';
import { MASK_WORDS, maskWrites, type MaskWrite } from './guestMasks.js';
import { replacedState, stateCalls, stateMoves, type StateCall, type StateMove } from './stateMoves.js';
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
  file: SourceOutline,
  item: OutlineItem,
  trees: readonly FunctionTree[],
  vocabulary: Vocabulary,
): XsaveFacts | null {
  const { stateFunctions } = vocabulary;
  const isOne = stateFunctions.has(item.name) || item.calls.some((call) => stateFunctions.has(call.name));
  if (trees.length === 0 || !isOne) return null;
  const readings: readonly Reading[] = trees.map((tree) => ({ tree, vocabulary }));
  return {
    moves: readings.flatMap((reading) => stateMoves(reading, file, item, vocabulary.asmMacros)),
    calls: readings.flatMap(stateCalls),
    masks: MASK_WORDS.some((word) => item.words.has(word)) ? readings.flatMap(maskWrites) : [],
    refused: readings.flatMap(refusedValues),
    replaced: item.words.has(LOADED_MEMBER) ? readings.flatMap(replacedState) : [],
  };
}
