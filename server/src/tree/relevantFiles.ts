import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import type { KernelTree } from './findKernelTree.js';
import { failureReason } from './readSourceFile.js';
import { isOtherAssembly, isSourceName, pathInside, relevance, type RelevantFiles } from './relevantDirectories.js';

/** Something in the tree that could not be read, or not as it is. */
export interface TreeProblem {
  /** Relative to the tree's root, with '/'. */
  readonly file: string;
  readonly message: string;
}

/** Paths relative to the tree's root, with '/', sorted by code unit, each once. */
interface FileListing {
  readonly files: readonly string[];
  readonly problems: readonly TreeProblem[];
}

interface Walk {
  readonly root: string;
  readonly rule: RelevantFiles;
  /** Real directories that this walk has been in: symbolic links may form loops. */
  readonly visited: Set<string>;
  readonly files: Set<string>;
  readonly problems: Map<string, string>;
}

/**
 * The files of a tree that {@link relevance} asks for. A symbolic link within the tree counts as the file it leads to; one
 * that leads out of the tree is a problem and is not followed, as is a pipe or device with a source file's name.
 */
export function relevantFiles(tree: KernelTree): FileListing {
  const files = new Set<string>();
  const problems = new Map<string, string>();
  for (const rule of relevance) {
    const directory = pathInside(tree.inside, rule.directory);
    if (directory === undefined) continue;
    const walk: Walk = { root: tree.root, rule, visited: new Set(), files, problems };
    const target = linkTarget(walk, directory);
    if (target?.status.isDirectory()) listDirectory(walk, target.path);
  }
  return { files: [...files].sort(), problems: sortedProblems(problems) };
}

/** Problems in the order of their files' paths, by code unit. */
export function sortedProblems(problems: ReadonlyMap<string, string>): readonly TreeProblem[] {
  return [...problems.keys()].sort().map((file) => ({ file, message: problems.get(file) ?? '' }));
}

function listDirectory(walk: Walk, directory: string): void {
  if (walk.visited.has(directory)) return;
  walk.visited.add(directory);
  for (const entry of directoryEntries(walk, directory)) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (entry.isSymbolicLink()) {
      const target = linkTarget(walk, path);
      if (target) take(walk, path, target.path, target.status);
    } else {
      take(walk, path, path, entry);
    }
  }
}

/** Takes in what lies at `path`; `target` is its real path, `kind` what it is. */
function take(walk: Walk, path: string, target: string, kind: Dirent | Stats): void {
  const { rule, files, problems } = walk;
  const name = basename(path);
  const wanted = isSourceName(name) && rule.names.test(name);
  if (kind.isFile() && wanted) files.add(target);
  else if (kind.isFile() && isOtherAssembly(name)) problems.set(path, 'MASM or NASM assembly is not read');
  else if (wanted) problems.set(path, kind.isDirectory() ? 'a directory, not a file' : 'not a regular file');
  else if (kind.isDirectory() && rule.below) listDirectory(walk, target);
}

function directoryEntries(walk: Walk, directory: string): readonly Dirent[] {
  try {
    return readdirSync(join(walk.root, directory), { withFileTypes: true });
  } catch (error) {
    walk.problems.set(directory || '.', failureReason(error));
    return [];
  }
}

/** What a path leads to, relative to the root; undefined where it leads nowhere or out of the tree. */
function linkTarget(walk: Walk, path: string): { readonly path: string; readonly status: Stats } | undefined {
  try {
    const target = realpathSync.native(join(walk.root, path));
    const inTree = relative(walk.root, target);
    if (!leadsOut(inTree)) return { path: inTree.split(sep).join('/'), status: statSync(target) };
    walk.problems.set(path, 'symbolic link leads out of the tree');
  } catch (error) {
    if (!isMissing(error)) walk.problems.set(path, failureReason(error));
    else if (isSourceName(basename(path))) walk.problems.set(path, 'symbolic link leads nowhere');
  }
  return undefined;
}

function leadsOut(fromRoot: string): boolean {
  return fromRoot === '..' || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot);
}

/** Most trees lack one or the other directory of the table. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
