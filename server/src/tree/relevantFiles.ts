import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { realDisk, type DirectoryEntry, type Disk, type LinkTarget } from './disk.js';
import type { KernelTree } from './findKernelTree.js';
import {
  isOtherAssembly,
  isSourceName,
  kvmDirectory,
  pathInside,
  relevance,
  type RelevantFiles,
} from './relevantDirectories.js';

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
  readonly disk: Disk;
  readonly root: string;
  readonly rule: RelevantFiles;
  /** Real directories that this walk has been in: symbolic links may form loops. */
  readonly visited: Set<string>;
  /** What directories hold, of all walks: most rules are of the same one. */
  readonly entries: Map<string, readonly DirectoryEntry[]>;
  readonly files: Set<string>;
  readonly problems: Map<string, string>;
}

/**
 * The files of a tree that {@link relevance} asks for. A symbolic link within the tree counts as the file it leads to; one
 * that leads out of the tree is a problem and is not followed, as is a pipe or device with a source file's name.
 */
export function relevantFiles(tree: KernelTree, disk: Disk = realDisk): FileListing {
  const files = new Set<string>();
  const problems = new Map<string, string>();
  const entries = new Map<string, readonly DirectoryEntry[]>();
  for (const rule of relevance) {
    const directory = pathInside(tree.inside, rule.directory);
    if (directory === undefined) continue;
    const walk: Walk = { disk, root: tree.root, rule, visited: new Set(), entries, files, problems };
    const target = linkTarget(walk, directory);
    if (target?.kind === 'directory') listDirectory(walk, target.path);
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
    if (entry.kind === 'link') {
      const target = linkTarget(walk, path);
      if (target) take(walk, path, target);
    } else {
      take(walk, path, { path, kind: entry.kind });
    }
  }
}

/** Takes in what lies at `path`; `target` is its real path, and what it is. */
function take(walk: Walk, path: string, { path: target, kind }: LinkTarget): void {
  const { rule, files, problems } = walk;
  const name = basename(path);
  const wanted = isSourceName(name) && rule.names.test(name);
  if (kind === 'file' && wanted) files.add(target);
  else if (kind === 'file' && rule.directory === kvmDirectory && isOtherAssembly(name))
    problems.set(path, 'MASM or NASM assembly is not read');
  else if (wanted) problems.set(path, kind === 'directory' ? 'a directory, not a file' : 'not a regular file');
  else if (kind === 'directory' && rule.below) listDirectory(walk, target);
}

function directoryEntries({ disk, root, entries, problems }: Walk, directory: string): readonly DirectoryEntry[] {
  const known = entries.get(directory);
  if (known) return known;
  const listed = disk.directory(join(root, directory));
  if ('failure' in listed) problems.set(directory || '.', listed.failure);
  const found = 'failure' in listed ? [] : listed.value;
  entries.set(directory, found);
  return found;
}

/** What a path leads to, relative to the root; undefined where it leads nowhere or out of the tree. */
function linkTarget({ disk, root, problems }: Walk, path: string): LinkTarget | undefined {
  const target = disk.target(join(root, path));
  if ('value' in target) {
    const inTree = relative(root, target.value.path);
    if (!leadsOut(inTree)) return { path: inTree.split(sep).join('/'), kind: target.value.kind };
    problems.set(path, 'symbolic link leads out of the tree');
  } else if (!target.isMissing) problems.set(path, target.failure);
  // Most trees lack one or the other directory of the table.
  else if (isSourceName(basename(path))) problems.set(path, 'symbolic link leads nowhere');
  return undefined;
}

function leadsOut(fromRoot: string): boolean {
  return fromRoot === '..' || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot);
}
