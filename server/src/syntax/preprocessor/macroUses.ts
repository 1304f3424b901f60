import { closingIndex } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import type { Token } from '../text/tokens.js';
import type { MacroDefinition } from './directives.js';
import { expand, type ExpandedToken } from './macroExpansion.js';

/** A use of a macro, its arguments included, and what it expands to. */
export interface MacroUse extends Span {
  readonly tokens: readonly ExpandedToken[];
}

/** Which uses of macros are expanded. */
export interface MacroUses {
  /** The macro that a name is at an offset. */
  readonly macroAt: (name: string, offset: number) => MacroDefinition | undefined;
  /** Whether a use that goes from one offset to another can be expanded; all can where left out. */
  readonly isExpandable?: (use: Span) => boolean;
  /** Whether a use of a macro is wanted, by what it expands to. */
  readonly isWanted: (name: string, expansion: readonly ExpandedToken[]) => boolean;
}

/** The uses of macros among tokens that are wanted, in their order. Where one is not, those in its arguments may be. */
export function macroUses(
  tokens: readonly Token[],
  { macroAt, isExpandable = () => true, isWanted }: MacroUses,
): MacroUse[] {
  const found: MacroUse[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const name = tokens[i];
    const macro = name?.kind === 'word' ? macroAt(name.text, name.start) : undefined;
    const last = name && macro ? lastOfUse(tokens, i, macro) : -1;
    const end = tokens[last]?.end;
    if (!name || end === undefined || !isExpandable({ start: name.start, end })) continue;
    const expansion = expand(tokens.slice(i, last + 1), (inner) => macroAt(inner, name.start));
    if (!isWanted(name.text, expansion)) continue;
    found.push({ start: name.start, end, tokens: expansion });
    i = last;
  }
  return found;
}

/** The index of the last token of a use: of the name, or of the bracket that closes its arguments; -1 where those are missing. */
function lastOfUse(tokens: readonly Token[], at: number, { parameters }: MacroDefinition): number {
  if (parameters === null) return at;
  return tokens[at + 1]?.text === '(' ? closingIndex(tokens, at + 1) : -1;
}
