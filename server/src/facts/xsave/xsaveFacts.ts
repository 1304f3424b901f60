import type { OutlineItem } from '../../syntax/outline.js';
import type { Reading } from '../expressions.js';
import type { FunctionTree } from '../functionTree.js';
import type { SourceOutline } from '../sourceOutline.js';
import type { Vocabulary } from '../vocabulary.js';
import { maskWrites, type MaskWrite } from './guestMasks.js';
import { replacedState, stateCalls, stateMoves, type StateCall, type StateMove } from './stateMoves.js';
import type { GuardedOrigin } from './origins.js';
import { wantsXsave } from './relevance.js';
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
  if (trees.length === 0 || !wantsXsave(item)) return null;
  const readings: readonly Reading[] = trees.map((tree) => ({ tree, vocabulary }));
  return {
    moves: readings.flatMap((reading) => stateMoves(reading, file, item, vocabulary.asmMacros)),
    calls: readings.flatMap(stateCalls),
    masks: readings.flatMap(maskWrites),
    refused: readings.flatMap(refusedValues),
    replaced: readings.flatMap(replacedState),
  };
}
