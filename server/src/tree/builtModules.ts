import type { KernelTree } from './findKernelTree.js';
import { joinedPath } from './joinedPath.js';
import { readMakefile, type Makefile, type MakefileList } from './makefile.js';
import { pathInside } from './relevantDirectories.js';

/** A module, or a part of one, that KVM's Makefile builds. Paths are relative to the tree's root. */
export interface BuiltModule {
  /** `kvm-intel`. */
  readonly name: string;
  /** Those sources of its objects that are in the tree. */
  readonly sources: readonly string[];
  readonly missing: readonly MissingSource[];
}

/** An object, or a directory of objects, that a Makefile names and that the tree has nothing to build of. */
interface MissingSource {
  readonly object: string;
  /** It is of code for all architectures (virt/kvm). */
  readonly isShared: boolean;
  readonly makefile: string;
  /** 1-based. */
  readonly line: number;
}

/** A way to look at a tree's files, by their paths relative to the root. */
interface TreeDisk {
  /** A file's text; null where there is none. */
  readonly read: (path: string) => string | null;
  readonly exists: (path: string) => boolean;
}

/** What KVM's Makefile builds in any configuration, and of which sources. Empty for a tree without that Makefile. */
export function builtModules(tree: KernelTree, disk: TreeDisk): readonly BuiltModule[] {
  const makefiles = makefilesOf(tree, disk);
  const composites = new Set(makefiles.flatMap(({ lists }) => lists.map(({ name }) => name)));
  const modules = new Map<string, { sources: string[]; missing: MissingSource[] }>();
  for (const makefile of makefiles) {
    for (const { module, word, line } of makefile.lists.flatMap(objectsOf)) {
      const stem = pathInTree(tree, makefile.directory, word);
      if (stem === null || (module === word && composites.has(word))) continue;
      const built = modules.get(module) ?? { sources: [], missing: [] };
      modules.set(module, built);
      const source = SUFFIXES.map((suffix) => stem + suffix).find(disk.exists);
      const isGenerated = makefile.targets.some((target) =>
        SUFFIXES.some((suffix) => joinedPath('', target) === word + suffix),
      );
      if (source !== undefined) built.sources.push(source);
      else if (!isGenerated) built.missing.push(missingSource(tree, `${stem}.o`, makefile.path, line));
    }
    for (const { directory, line } of makefile.empty)
      modules.set(directory, { sources: [], missing: [missingSource(tree, directory, makefile.path, line)] });
  }
  return Array.from(modules, ([name, built]) => ({ name, ...built }));
}

function missingSource({ kvm }: KernelTree, object: string, makefile: string, line: number): MissingSource {
  return { object, isShared: !object.startsWith(below(kvm, '')), makefile, line };
}

const SUFFIXES = ['.c', '.S'];

/** Objects that are built by themselves, or are put together of others. */
const SINGLE = 'obj';

/** The objects of a list, without `.o`, and the module that they are part of: of `obj-y`, each is its own. */
function objectsOf({ name, words, line }: MakefileList) {
  return words
    .filter((word) => word.endsWith('.o'))
    .map((object) => {
      const word = object.slice(0, -'.o'.length);
      return { module: name === SINGLE ? word : name, word, line };
    });
}

/** A Makefile in its place. */
interface PlacedMakefile extends Makefile {
  readonly path: string;
  /** What its names are relative to, in a whole kernel tree. */
  readonly directory: string;
  /** Directories that it has built and that have no Makefile. */
  readonly empty: { readonly directory: string; readonly line: number }[];
}

/** KVM's Makefile, with those that it includes and those of directories that it has built. */
function makefilesOf(tree: KernelTree, { read }: TreeDisk): PlacedMakefile[] {
  const found = new Map<string, PlacedMakefile>();
  const readFile = (path: string, directory: string): boolean => {
    if (found.has(path)) return true;
    const text = read(path);
    if (text === null) return false;
    const makefile: PlacedMakefile = { path, directory, empty: [], ...readMakefile(text) };
    found.set(path, makefile);
    for (const include of makefile.includes) {
      const included = pathInTree(tree, '', include);
      if (included !== null) readFile(included, directory);
    }
    for (const { words, line } of makefile.lists.filter(({ name }) => name === SINGLE))
      for (const word of words.filter((each) => each.endsWith('/'))) {
        const inside = pathInTree(tree, directory, word);
        if (inside !== null && !readDirectory(inside)) makefile.empty.push({ directory: `${inside}/`, line });
      }
    return true;
  };
  // Kbuild comes before Makefile (Documentation/kbuild/makefiles.rst, 3).
  const readDirectory = (inside: string): boolean =>
    ['Kbuild', 'Makefile'].some((name) => readFile(below(inside, name), joinedPath(tree.inside, inside) ?? ''));
  readDirectory(tree.kvm);
  return [...found.values()];
}

/** The path in the tree of what a Makefile names; null for what lies outside of the part that the tree is. */
function pathInTree({ inside }: KernelTree, directory: string, name: string): string | null {
  const path = joinedPath(directory, name);
  return (path === null ? undefined : pathInside(inside, path)) ?? null;
}

function below(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
