import { join } from 'node:path';
import { assemblyIncludes } from './assemblyIncludes.js';
import { builtModules, type BuiltModule } from './builtModules.js';
import { realDisk, type Disk } from './disk.js';
import type { KernelTree } from './findKernelTree.js';
import { kernelVersion } from './kernelVersion.js';
import { readSourceFile } from './readSourceFile.js';
import { relevantFiles, sortedProblems, type TreeProblem } from './relevantFiles.js';

/** One file's text; line ends and tabs as they are on disk. */
export interface SourceFile {
  /** Relative to the tree's root, with '/'. */
  readonly path: string;
  readonly text: string;
}

/** The text of all that matters in a kernel tree. The same tree gives the same value. */
export interface LoadedTree {
  /** Absolute, symbolic links resolved. */
  readonly root: string;
  /** As {@link kernelVersion} states it. */
  readonly kernel: string | null;
  /** Sorted by path, by code unit. */
  readonly files: readonly SourceFile[];
  /** Sorted by file. A file may be in both lists: its text was repaired. */
  readonly problems: readonly TreeProblem[];
  /** What KVM's Makefile builds. */
  readonly modules: readonly BuiltModule[];
}

/** Reads a tree's relevant files from disk. Never throws: what cannot be read is in `problems`. */
export function loadTree(tree: KernelTree, disk: Disk = realDisk): LoadedTree {
  const listing = relevantFiles(tree, disk);
  const texts = new Map<string, string>();
  const problems = new Map(listing.problems.map(({ file, message }) => [file, message]));
  const read = (path: string) => {
    const { text, problem } = readSourceFile(join(tree.root, path), disk);
    if (problem !== null) problems.set(path, problem);
    return text;
  };
  for (const path of listing.files) {
    const text = read(path);
    if (text !== null) texts.set(path, text);
  }
  const exists = (path: string) => texts.has(path) || 'value' in disk.target(join(tree.root, path));
  // The header of another kernel need not be there.
  const included = assemblyIncludes(tree, texts, (path) => (exists(path) ? read(path) : null));
  const files = [...texts, ...included].map(([path, text]) => ({ path, text }));
  return {
    root: tree.root,
    kernel: kernelVersion(tree.root, disk),
    files: included.size === 0 ? files : files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    problems: sortedProblems(problems),
    modules: builtModules(tree, { read, exists }),
  };
}
