import type { Rule } from '../finding.js';
import { NOT_MARKED_DIRTY } from './notMarkedDirty.js';
import { STALE_READ } from './staleRead.js';
import { UNCONDITIONAL_FETCH } from './unconditionalFetch.js';

/** The rules on mistakes in tracking registers. */
export const TRACKING_RULES: readonly Rule[] = [STALE_READ, UNCONDITIONAL_FETCH, NOT_MARKED_DIRTY];
