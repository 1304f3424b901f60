import { fileIndex, type FileIndex } from './fileIndex.js';
import { functionSources, type PlacedFunction } from './functionSource.js';
import { withoutCommentsAndDirectives } from '../../syntax/c/blanking.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { outlineAgain } from '../../syntax/c/outlineAgain.js';
import { readDirectives, type Directives } from '../../syntax/preprocessor/directives.js';
import { sourceText, type Problem, type SourceText } from '../../syntax/text/sourceText.js';

/** What one C file says before anything in it is parsed. Depends on that file's text alone. */
export interface SourceOutline {
  readonly source: SourceText;
  readonly directives: Directives;
  /** The text with comments and directive lines blanked; same length. */
  readonly code: string;
  readonly items: readonly OutlineItem[];
  /** The functions among the items, each as a text of its own. */
  readonly functions: readonly PlacedFunction[];
  readonly index: FileIndex;
  /** What of the whole file could not be read soundly; `unsoundItems` has what of its items. */
  readonly problems: readonly Problem[];
}

/** Outlines a C file. `before` is its last outline, of which the items, the functions and the parts of the index that stayed the same are taken; null without one. */
export function outlineSource(path: string, text: string, before: SourceOutline | null = null): SourceOutline {
  const directives = readDirectives(text);
  const code = withoutCommentsAndDirectives(text, directives);
  const items = outlineAgain(code, before);
  const functions = functionSources({ path, text, code, directives }, items, before?.functions ?? []);
  const { problems } = directives;
  return {
    source: sourceText(path, text),
    directives,
    code,
    items,
    functions,
    index: fileIndex({ items, functions }, directives.macros, before?.index ?? null),
    problems,
  };
}
