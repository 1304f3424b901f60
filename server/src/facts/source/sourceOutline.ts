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
}

/** Outlines a C file. */
export function outlineSource(path: string, text: string): SourceOutline {
  const directives = readDirectives(text);
  const code = withoutCommentsAndDirectives(text, directives);
  return { source: sourceText(path, text), directives, code, items: outline(code) };
}
