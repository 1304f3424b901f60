import type { Rule } from '../finding.js';
import { leftOut } from './leftOut.js';
import { neverClean } from './neverClean.js';
import { neverLoaded } from './neverLoaded.js';
import { neverMoved } from './neverMoved.js';
import { neverUnavailable } from './neverUnavailable.js';
import { notMarkedDirty } from './notMarkedDirty.js';
import { oneWay } from './oneWay.js';
import { setInverted } from './setInverted.js';
import { staleRead } from './staleRead.js';
import { testInverted } from './testInverted.js';
import { unconditionalFetch } from './unconditionalFetch.js';
import { wrongRegister } from './wrongRegister.js';

/** The rules on mistakes in tracking registers. */
export const TRACKING_RULES: readonly Rule[] = [
  staleRead,
  unconditionalFetch,
  testInverted,
  notMarkedDirty,
  neverClean,
  oneWay,
  leftOut,
  neverLoaded,
  neverUnavailable,
  neverMoved,
  wrongRegister,
  setInverted,
];
