import type { OutlineItem } from '../../syntax/c/outline.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { SourceOutline } from './sourceOutline.js';

/** A member of an enum: its name, and the tokens behind its `=`; none without one. */
export interface Enumerator {
  readonly name: Token;
  readonly initializer: readonly Token[];
  /** Whether what stands behind the name is a value: not where a comma is missing. */
  readonly isSound: boolean;
}

/** The members of an enum in the order of the text. */
export function* enumerators(file: SourceOutline, item: OutlineItem): Generator<Enumerator> {
  if (item.bodyStart < 0) return;
  const tokens = tokenize(file.code, item.bodyStart + 1, item.end);
  let current: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    const isEnd = depth === 0 && (token.text === ',' || token.text === '}');
    if (!isEnd) {
      depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
      current.push(token);
      continue;
    }
    const [name, equals, ...initializer] = current;
    const hasValue = equals?.text === '=' && initializer.length > 0;
    if (name?.kind === 'word')
      yield { name, initializer: hasValue ? initializer : [], isSound: hasValue || equals === undefined };
    current = [];
    if (token.text === '}') return;
  }
}
