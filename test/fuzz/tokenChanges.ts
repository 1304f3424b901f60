import { tokenize, type Token } from '../../server/src/syntax/text/tokens.js';

/** One token of a text that is missing, doubled, or another: what stands from `start` to `end` becomes `by`. */
export interface TokenChange {
  readonly kind: 'deleted' | 'doubled' | 'other';
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** What a mark is mistaken for. */
const MISTAKEN: Readonly<Record<string, string>> = {
  ...{ '{': '(', '}': ')', '(': '[', ')': ']', '[': '(', ']': ')', ';': ',', ',': ';', ':': ';', '?': ':' },
  ...{
    '->': '.',
    '.': '->',
    '&': '&&',
    '&&': '&',
    '|': '||',
    '||': '|',
    '!': '~',
    '~': '!',
    '*': '&',
    '%': '$',
    $: '%',
  },
  ...{ '=': '==', '==': '=', '!=': '=', '<': '>', '>': '<', '+': '-', '-': '+', '<<': '<', '>>': '>', '#': '##' },
};

/** All texts that differ from a text in one token, as changes to it, in the order of the text. */
export function tokenChanges(text: string): TokenChange[] {
  const tokens = tokenize(text);
  return tokens.flatMap(({ start, end, text: token }, i): TokenChange[] => [
    { kind: 'deleted', start, end, by: '' },
    { kind: 'doubled', start, end, by: `${token} ${token}` },
    ...others(tokens, i).map((by): TokenChange => ({ kind: 'other', start, end, by })),
  ]);
}

/** What may stand instead of a token: another mark; a word's half, or the next one; the next number. */
function others(tokens: readonly Token[], at: number): string[] {
  const token = tokens[at];
  if (!token) return [];
  if (/^\d+$/.test(token.text)) return [String(Number(token.text) + 1)];
  if (token.kind !== 'word') return [MISTAKEN[token.text] ?? []].flat();
  const next = tokens.slice(at + 1, at + 20).find(({ kind, text }) => kind === 'word' && text !== token.text);
  return [...(token.text.length > 1 ? [token.text.slice(0, -1)] : []), ...(next ? [next.text] : [])];
}
