import { functionSources, type PlacedFunction } from './functionSource.js';
import { withoutCommentsAndDirectives } from '../../syntax/c/blanking.js';
import { outline, type OutlineItem } from '../../syntax/c/outline.js';
import { readDirectives, type Directives } from '../../syntax/preprocessor/directives.js';
import { sourceText, type SourceText } from '../../syntax/text/sourceText.js';

/** What one C file says before anything in it is parsed. Depends on that file's text alone. */
export interface SourceOutline {
  readonly source: SourceText;
  readonly directives: Directives;
  /** The text with comments and directive lines blanked; same length. */
  readonly code: string;
  readonly items: readonly OutlineItem[];
  /** The functions among the items, each as a text of its own. */
  readonly functions: readonly PlacedFunction[];
}

/** Outlines a C file. `before` is its last outline, of which the functions that stayed the same are taken; null without one. */
export function outlineSource(path: string, text: string, before: SourceOutline | null = null): SourceOutline {
  const directives = readDirectives(text);
  const code = withoutCommentsAndDirectives(text, directives);
  const items = outline(code);
  const functions = functionSources({ path, text, code, directives }, items, before?.functions ?? []);
  return { source: sourceText(path, text), directives, code, items, functions };
}
