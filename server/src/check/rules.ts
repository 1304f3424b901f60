import { APX_RULES } from './apx/apxRules.js';
import type { Rule } from './finding.js';
import { TRACKING_RULES } from './tracking/trackingRules.js';

/** Every rule, tracking before APX readiness. */
export const RULES: readonly Rule[] = [...TRACKING_RULES, ...APX_RULES];
