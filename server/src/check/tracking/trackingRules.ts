import type { Rule } from '../finding.js';

/** The rules on mistakes in tracking registers. */
export const TRACKING_RULES: readonly Rule[] = [];
