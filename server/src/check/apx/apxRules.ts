import type { Rule } from '../finding.js';

/** The rules on what holds fewer than 32 general-purpose registers. */
export const APX_RULES: readonly Rule[] = [];
