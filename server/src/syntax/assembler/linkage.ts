import type { AsmToken } from './asmToken.js';

/** A macro that begins or ends a function, or sets a label in one, and the symbol that it names. */
interface Linkage {
  readonly kind: 'begin' | 'end' | 'label';
  readonly symbol: AsmToken;
}

/** By a word in their names (linux/linkage.h): `SYM_INNER_LABEL(name, ...)`, `SYM_FUNC_START(name)`, `SYM_CODE_END(name)`, `ENDPROC(name)`. */
const LINKAGE_WORDS: readonly { readonly kind: Linkage['kind']; readonly word: RegExp }[] = [
  { kind: 'label', word: /(?:^|\w_)INNER_LABEL(?:_\w|$)|^GLOBAL$/ },
  { kind: 'begin', word: /(?:^|\w_)(?:START|ENTRY|BEGIN)(?:_\w|$)/ },
  { kind: 'end', word: /(?:^|\w_)(?:END|ENDPROC)(?:_\w|$)/ },
];

/** The linkage macro, `NAME(symbol)` or `NAME(symbol, ...)`, that a statement is; null for any other statement. */
export function readLinkage([name, open, symbol, next]: readonly AsmToken[]): Linkage | null {
  if (name?.kind !== 'word' || open?.text !== '(' || symbol?.kind !== 'word') return null;
  if (next?.text !== ')' && next?.text !== ',') return null;
  const found = LINKAGE_WORDS.find(({ word }) => word.test(name.text));
  return found ? { kind: found.kind, symbol } : null;
}
