import { unreadFiles } from '../model/query/unreadFiles.js';
import type { ModelProblem } from '../model/modelProblem.js';
import type { RegisterModel } from '../model/registerModel.js';
import { countText } from '../explain/counts.js';
import { heading, type Line } from './lines.js';

/** Problems that are shown of many; `--json` has all. */
const SHOWN = 5;

/** All problems of a tree, a line each: files that could not be read, and the first of the others. Nothing where there are none. */
export function problemLines(model: RegisterModel): Line[] {
  const unread = unreadFiles(model);
  const others = model.problems.filter((problem) => !unread.includes(problem));
  return [
    ...fileLines(unread),
    ...(others.length === 0 ? [] : ['', ...block(`${countText(others.length, 'problem')}:`, others)]),
  ];
}

/**
 * What of a tree could not be read, a line each: files first, all of them, then parts of files. Nothing where all is read.
 */
export function unreadLines(model: RegisterModel): Line[] {
  const files = unreadFiles(model);
  const parts = model.unread.filter((problem) => !files.includes(problem));
  return [...fileLines(files), ...(parts.length === 0 ? [] : ['', ...block('Not read in part:', parts)])];
}

function fileLines(files: readonly ModelProblem[]): Line[] {
  return files.length === 0
    ? []
    : ['', heading('Not read, so what is said is of the rest alone:'), ...files.map(problemLine)];
}

/** A problem as one line, without what it is about on a line of its own: `FILE:LINE: message`. */
function problemText({ file, line, message }: ModelProblem): string {
  // What is missing from a tree is in no file of it.
  if (file === '') return message;
  return `${file}${line === null ? '' : `:${String(line)}`}: ${message}`;
}

function block(title: string, problems: readonly ModelProblem[]): Line[] {
  const more = problems.length > SHOWN ? ['  ... (all with --json)'] : [];
  return [heading(title), ...problems.slice(0, SHOWN).map(problemLine), ...more];
}

function problemLine(problem: ModelProblem): Line {
  return { text: `  ${problemText(problem)}`, hang: 4 };
}
