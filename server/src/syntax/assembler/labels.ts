import type { AsmToken } from './asmToken.js';

/** Takes the labels off a statement's beginning. */
export function withoutLabels(tokens: readonly AsmToken[], onLabel: (label: AsmToken) => void): readonly AsmToken[] {
  let at = 0;
  for (; tokens[at + 1]?.text === ':'; at += 2) {
    const label = tokens[at];
    if (label?.kind !== 'word' && label?.kind !== 'number') break;
    onLabel(label);
  }
  return tokens.slice(at);
}
