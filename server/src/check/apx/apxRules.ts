import type { Rule } from '../finding.js';
import { bound } from './bound.js';
import { decoder } from './decoder.js';
import { fixedArray } from './fixedArray.js';
import { gprCount } from './gprCount.js';
import { guestXcr0 } from './guestXcr0.js';
import { nameTable } from './nameTable.js';
import { narrowIndex } from './narrowIndex.js';
import { narrowMask } from './narrowMask.js';
import { narrowShift } from './narrowShift.js';
import { registerSet } from './registerSet.js';
import { uabi } from './uabi.js';

/** The rules on what holds fewer than 32 general-purpose registers, and on how the others are moved. */
export const APX_RULES: readonly Rule[] = [
  narrowIndex,
  decoder,
  narrowMask,
  narrowShift,
  fixedArray,
  bound,
  gprCount,
  registerSet,
  nameTable,
  uabi,
  guestXcr0,
];
