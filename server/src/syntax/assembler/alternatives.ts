import { readCondition } from '../conditions/condition.js';
import type { ConditionGuard } from '../conditions/guard.js';
import { splitAt } from '../text/brackets.js';
import { argumentLists } from './asmMacro.js';
import { insideString, textOf, type AsmToken } from './asmToken.js';
import { withPlaceholders } from './placeholders.js';
import type { Statement } from './statements.js';

/** Macros whose string arguments are instructions that are patched in or out at boot (asm/alternative.h). */
const ALTERNATIVE = 'ALTERNATIVE';

/** Whether a statement's first word may be such a macro's name. */
export function isAlternativeMacro(name: string): boolean {
  return name.includes(ALTERNATIVE);
}

/** Whether a statement uses such a macro, and not one that only speaks of it: `ANNOTATE_NOSPEC_ALTERNATIVE` (asm/nospec-branch.h). */
export function isAlternativeUse(use: Statement): boolean {
  return isAlternativeMacro(use.tokens[0]?.text ?? '') && alternatives(use).length > 0;
}

/** The instructions of one argument, and the feature that they are there for, or without. */
interface Alternative {
  readonly statements: readonly Statement[];
  readonly feature: ConditionGuard | null;
}

/** What each argument of an ALTERNATIVE that is instructions has: strings and `__stringify(...)`s, which may be empty. */
export function alternatives(use: Statement): Alternative[] {
  const all = argumentLists(use.tokens.slice(1));
  return all.flatMap((argument, i): Alternative[] => {
    const instructions = instructionsIn(argument);
    if (!instructions) return [];
    const statements = splitAt(instructions, ';').flatMap((tokens) => (tokens.length > 0 ? [{ ...use, tokens }] : []));
    return [{ statements, feature: featureOf(all, i) }];
  });
}

/** null for an argument that is none: a feature. */
function instructionsIn(argument: readonly AsmToken[]): readonly AsmToken[] | null {
  const [first, open] = argument;
  if (first?.text === '__stringify' && open?.text === '(') {
    const inside = argument.slice(2, -1);
    return instructionsIn(inside) ?? inside;
  }
  return first?.kind === 'string' ? withPlaceholders(insideString(first)) : null;
}

/** The feature of an argument of `ALTERNATIVE old, new, feature` or `ALTERNATIVE_2 old, new, feature, new, feature`. */
function featureOf(all: readonly (readonly AsmToken[])[], i: number): ConditionGuard | null {
  if (i === 0 && all.length !== 3) return null;
  const name = textOf(all[i === 0 ? 2 : i + 1] ?? []);
  return name === '' ? null : { kind: 'alternative', condition: readCondition(name), negated: i === 0 };
}
