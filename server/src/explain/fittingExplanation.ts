import { statement, type Explanation } from './explanation.js';
import { explanationText } from './explanationText.js';

/** Lines of a hover at the most, so that it fits a screen. */
const MOST_LINES = 15;

/**
 * As much of an explanation as a hover has room for in lines of at most so many columns: the answer, the backends, and notes from the
 * first on. What is left out is counted; Explain has all of it.
 */
export function fittingExplanation(explanation: Explanation, columns?: number): Explanation {
  const { notes } = explanation;
  if (fitsHover(explanation, columns)) return explanation;
  for (let kept = notes.length - 1; kept > 0; kept--) {
    const left = statement([`Explain tells ${String(notes.length - kept)} more`]);
    const shortened = { ...explanation, notes: [...notes.slice(0, kept), left] };
    if (fitsHover(shortened, columns)) return shortened;
  }
  return { ...explanation, notes: [] };
}

/** Whether a hover has room for an explanation, in lines of at most so many columns. */
export function fitsHover(explanation: Explanation, columns?: number): boolean {
  return explanationText(explanation, columns).split('\n').length <= MOST_LINES;
}
