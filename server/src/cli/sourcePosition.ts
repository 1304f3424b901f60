import { isAbsolute, relative, resolve } from 'node:path';
import { shortPath } from '../explain/explanation.js';
import { pathsOf, sourceOf } from '../model/query/text.js';
import { unreadFiles } from '../model/query/unreadFiles.js';
import type { RegisterModel } from '../model/registerModel.js';
import { offsetAt, locationAt, type SourceText } from '../syntax/text/sourceText.js';
import { CommandError, requireUsage } from './commandError.js';
import { countText } from '../explain/counts.js';
import { ExitStatus } from './exitStatus.js';
import { suggestion } from './nearestNames.js';
import type { WrittenPosition } from './writtenPosition.js';

/**
 * The position in the model: its file's path, and the offset of its column; null for the whole line.
 * @throws CommandError where the tree has no such file, or several, or the file no such line or column.
 */
export function findPosition(
  model: RegisterModel,
  { file, line, column }: WrittenPosition,
): { readonly path: string; readonly offset: number | null } {
  const source = fileNamed(model, file);
  const lines = source.lineStarts.length - (source.text.endsWith('\n') ? 1 : 0);
  requireUsage(line <= lines, `${source.path} has no line ${String(line)}: it has ${countText(lines, 'line')}`);
  return { path: source.path, offset: column === null ? null : columnOffset(source, line, column) };
}

/** A line's end is a position too: an editor's cursor can stand there. */
function columnOffset(source: SourceText, line: number, column: number): number {
  const offset = offsetAt(source, line, column) ?? 0;
  const start = source.lineStarts[line - 1] ?? 0;
  const next = source.lineStarts[line] ?? source.text.length + 1;
  const end = start + source.text.slice(start, next - 1).replace(/\r$/, '').length;
  const last = locationAt(source, end).column;
  const name = `${source.path}:${String(line)}`;
  requireUsage(
    column <= last,
    `${name} has no column ${String(column)}: it ends at column ${String(last)} (bytes from 1)`,
  );
  return offset;
}

/** The file that is named from the tree's root, from the current directory or, where only one has it, by the end of its path. */
function fileNamed(model: RegisterModel, written: string): SourceText {
  const fromHere = relative(model.root, resolve(written)).replaceAll('\\', '/');
  const exact = isAbsolute(written) ? [fromHere] : [written.replace(/^(?:\.\/)+/, ''), fromHere];
  const named = exact.filter((path) => sourceOf(model, path));
  const paths = new Set(named.length > 0 ? named : pathsOf(model).filter((path) => path.endsWith(`/${written}`)));
  const [path = '', ...others] = paths;
  if (others.length > 0)
    throw new CommandError(
      `'${written}' is ${countText(paths.size, 'file')} of ${model.root}: ${[...paths].join(', ')}; which one?`,
    );
  const source = sourceOf(model, path);
  if (!source) throw noFile(model, written, exact);
  return source;
}

function noFile(model: RegisterModel, written: string, exact: readonly string[]): CommandError {
  const isNamed = (path: string) => exact.includes(path) || path.endsWith(`/${written}`);
  const unread = unreadFiles(model).find(({ file }) => isNamed(file));
  if (unread) return new CommandError(`${unread.file} could not be read: ${unread.message}`, ExitStatus.notJudged);
  const paths = pathsOf(model);
  const names = paths.flatMap((path) => [shortPath(path), path.slice(path.lastIndexOf('/') + 1)]);
  const count = countText(paths.length, 'file');
  return new CommandError(
    `no file '${written}' among the ${count} of KVM in ${model.root}${suggestion(written, names)}`,
  );
}
