import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText, Span } from '../../syntax/text/sourceText.js';

/** The tag of the struct that an offset of a file is in the definition of; null outside of all. */
export function structAt(source: SourceText, offset: number): string | null {
  return structsIn(source).find(({ start, end }) => start <= offset && offset < end)?.tag ?? null;
}

/** The structs that a file defines, by the kernel's style of doing so: from the tag's line to the brace that ends it in the first column. */
const structsIn = memoizeByIdentity(({ text }: SourceText): readonly (Span & { readonly tag: string })[] =>
  Array.from(text.matchAll(/^struct\s+(?:__\w+\s+)?(\w+)\s*\{/gm), ({ index, 0: head, 1: tag = '' }) => {
    const end = text.indexOf('\n}', index);
    return { tag, start: index + head.length, end: end < 0 ? text.length : end };
  }),
);
