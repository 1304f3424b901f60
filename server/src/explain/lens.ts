import type { FileSpan } from '../model/query/text.js';
import type { Span } from '../syntax/text/sourceText.js';

/** A line above a piece of code that sums up what is known of it. */
export interface Lens {
  readonly span: Span;
  readonly title: string;
  /** What the line leads to. */
  readonly locations: readonly FileSpan[];
}

/** Which lenses a user wants. */
export interface LensOptions {
  /** Also on functions that only read or write registers. */
  readonly everyFunction: boolean;
}
