import { lineAt, type Problem, type SourceText } from '../../syntax/text/sourceText.js';

/** A problem as it is listed: `line` is 1-based. */
export interface ListedProblem {
  readonly line: number;
  readonly message: string;
}

/** As many problems of one file as anyone reads. */
const MOST_PROBLEMS = 100;

/** A file's problems, each once, in the order of the lines; of very many the first, and how many more there are. */
export function listedProblems(source: SourceText, problems: readonly Problem[]): ListedProblem[] {
  const listed = new Map<string, ListedProblem>();
  for (const { offset, message } of problems) {
    const line = lineAt(source, offset);
    listed.set(`${String(line)} ${message}`, { line, message });
  }
  const all = [...listed.values()].sort((a, b) => a.line - b.line);
  const [next] = all.slice(MOST_PROBLEMS);
  if (!next) return all;
  const more = all.length - MOST_PROBLEMS;
  return [...all.slice(0, MOST_PROBLEMS), { line: next.line, message: `... and ${String(more)} more problems` }];
}
