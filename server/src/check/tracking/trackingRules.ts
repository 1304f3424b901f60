import type { Rule } from '../finding.js';
import { LEFT_OUT } from './leftOut.js';
import { NEVER_CLEAN } from './neverClean.js';
import { NEVER_LOADED } from './neverLoaded.js';
import { NEVER_MOVED } from './neverMoved.js';
import { NEVER_UNAVAILABLE } from './neverUnavailable.js';
import { NOT_MARKED_DIRTY } from './notMarkedDirty.js';
import { ONE_WAY } from './oneWay.js';
import { SET_INVERTED } from './setInverted.js';
import { STALE_READ } from './staleRead.js';
import { TEST_INVERTED } from './testInverted.js';
import { UNCONDITIONAL_FETCH } from './unconditionalFetch.js';
import { WRONG_REGISTER } from './wrongRegister.js';

/** The rules on mistakes in tracking registers. */
export const TRACKING_RULES: readonly Rule[] = [
  STALE_READ,
  UNCONDITIONAL_FETCH,
  TEST_INVERTED,
  NOT_MARKED_DIRTY,
  NEVER_CLEAN,
  ONE_WAY,
  LEFT_OUT,
  NEVER_LOADED,
  NEVER_UNAVAILABLE,
  NEVER_MOVED,
  WRONG_REGISTER,
  SET_INVERTED,
];
