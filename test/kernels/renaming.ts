import { createHash } from 'node:crypto';
import type { TreeText } from '../../server/src/model/readTree.js';

/** Old name to new name, of identifiers or of paths. */
export type Names = ReadonlyMap<string, string>;

const IDENTIFIER = /[A-Za-z_]\w*/g;
const INCLUDE = /^[ \t]*#[ \t]*include\b.*$/gm;
const KVM = 'arch/x86/kvm/';
/** What includes KVM's headers. */
const INCLUDING = /^(?:arch\/x86|virt)\/kvm\//;

/** A name of the same length that means nothing, so that every offset stays; always the same one for a name. */
export function meaningless(name: string): string {
  const letters = createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
  return `q${letters}`.slice(0, name.length);
}

/** The identifiers that occur in a tree. */
export function identifiersOf(tree: TreeText): Set<string> {
  return new Set(tree.files.flatMap(({ text }) => text.match(IDENTIFIER) ?? []));
}

/** New names for identifiers, whole ones only and everywhere but in `#include`. */
export function withNames(tree: TreeText, names: Names): TreeText {
  const files = tree.files.map(({ path, text }) => {
    const includes = text.match(INCLUDE) ?? [];
    const renamed = text.replace(INCLUDE, '#include').replace(IDENTIFIER, (name) => names.get(name) ?? name);
    let next = 0;
    return { path, text: renamed.replace(/^#include$/gm, () => includes[next++] ?? '') };
  });
  return { ...tree, files };
}

/** New paths for all of KVM's own files and directories. */
export function meaninglessPaths(tree: TreeText): Names {
  const own = tree.files.filter(({ path }) => path.startsWith(KVM));
  return new Map(own.map(({ path }) => [path, KVM + meaninglessPath(path.slice(KVM.length))]));
}

/** Each part of a path renamed, its ending and `..` kept: `svm/vmenter.S`. */
function meaninglessPath(path: string): string {
  return path.replace(/(\w[\w-]*)(?=\/|\.[chS]$)/g, (part) => meaningless(part));
}

/** New paths for files; KVM's `#include "..."` of them follow. */
export function withPaths(tree: TreeText, paths: Names): TreeText {
  const names = new Set([...paths.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1)));
  const included = (line: string) =>
    line.replace(/"(.*)"/, (quoted, path: string) =>
      names.has(path.slice(path.lastIndexOf('/') + 1)) ? `"${meaninglessPath(path)}"` : quoted,
    );
  const files = tree.files.map(({ path, text }) => ({
    path: paths.get(path) ?? path,
    text: INCLUDING.test(path) ? text.replace(INCLUDE, included) : text,
  }));
  return { ...tree, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Lines about a renamed tree, in the old names. Sorted. */
export function inOldNames(lines: readonly string[], names: Names, paths: Names): string[] {
  const [oldName, oldPath] = [names, paths].map((renamed) => new Map([...renamed].map(([old, fresh]) => [fresh, old])));
  return lines
    .map((line) =>
      line
        .replace(/\barch\/x86\/kvm\/[\w./-]+\.[chS]\b/g, (path) => oldPath?.get(path) ?? path)
        .replace(IDENTIFIER, (name) => oldName?.get(name) ?? name),
    )
    .sort();
}
