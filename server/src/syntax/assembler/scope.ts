import type { ConditionGuard } from '../conditions/guard.js';
import type { Span } from '../text/sourceText.js';
import type { AsmInstruction, MacroUse } from './instruction.js';
import type { Statement } from './statements.js';

/** What statements are in: the macros, conditionals and repetitions around them. */
export interface Scope extends Pick<AsmInstruction, 'alternative' | 'item'> {
  /** The macros' uses, outermost first. */
  readonly expansion: readonly MacroUse[];
  /** The conditions over those, and of conditionals. */
  readonly conditions: readonly ConditionGuard[];
  /** The outermost macro's use; null for statements written in this file. */
  readonly place: Span | null;
  /** How many blocks are around them. */
  readonly depth: number;
}

/** That of statements with nothing around them. */
export const FILE_SCOPE: Scope = {
  expansion: [],
  conditions: [],
  place: null,
  alternative: null,
  item: null,
  depth: 0,
};

/** The conditions over a statement in a scope, outermost first. */
export function conditionsOf(statement: Statement, scope: Scope): readonly ConditionGuard[] {
  return [...scope.conditions, ...statement.conditions];
}
