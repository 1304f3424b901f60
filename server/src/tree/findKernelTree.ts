import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { failureReason } from './disk.js';
import { isSourceName, kvmDirectory, pathInside } from './relevantDirectories.js';

/** A directory that holds KVM's x86 code: a whole kernel tree, or a part of one that somebody copied out. */
export interface KernelTree {
  /** Absolute path of the root, symbolic links resolved. Every other path is relative to it, with '/'. */
  readonly root: string;
  /** KVM's x86 directory relative to the root: "arch/x86/kvm" in a whole tree, "" where the root is that directory. */
  readonly kvm: string;
  /** Where the root belongs in a whole kernel tree: "" for its top, else "arch", "arch/x86" or "arch/x86/kvm". */
  readonly inside: string;
}

/** The tree, or one line that says what was looked for and where. */
type KernelTreeSearch = { readonly tree: KernelTree } | { readonly missing: string };

/** The parts of a kernel tree that can be a root, the whole first. */
const layouts = ['', 'arch', 'arch/x86', kvmDirectory];

/**
 * The kernel tree that a path is in: at its root, anywhere inside, or at a part of it that holds KVM's x86 code.
 * The innermost tree wins, so a copy of KVM inside another kernel tree is a tree of its own.
 */
export function findKernelTree(path: string): KernelTreeSearch {
  const asked = resolve(path);
  let start: string;
  try {
    start = realpathSync(asked);
    if (!statSync(start).isDirectory()) start = dirname(start);
  } catch (error) {
    return { missing: `cannot open ${asked}: ${failureReason(error)}` };
  }
  for (const directory of selfAndAncestors(start)) {
    const inside = layouts.find((layout) => holdsKvm(directory, layout));
    if (inside !== undefined) return { tree: wholeTree(directory, inside) };
  }
  return { missing: `no KVM x86 code: looked for ${kvmDirectory} in ${start} and in every directory above it` };
}

function selfAndAncestors(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...selfAndAncestors(parent)];
}

/** A part that lies where a whole tree has it (".../arch/x86/kvm") stands for the whole tree. */
function wholeTree(directory: string, inside: string): KernelTree {
  const top = inside === '' ? directory : treeTopAbove(directory, inside);
  const root = top ?? directory;
  const place = top === undefined ? inside : '';
  return { root, kvm: pathInside(place, kvmDirectory) ?? '', inside: place };
}

function treeTopAbove(directory: string, inside: string): string | undefined {
  const suffix = sep + inside.split('/').join(sep);
  if (!directory.endsWith(suffix)) return undefined;
  return directory.slice(0, -suffix.length) || sep;
}

function holdsKvm(directory: string, layout: string): boolean {
  const kvm = join(directory, pathInside(layout, kvmDirectory) ?? '');
  const hasName = kvm.endsWith(sep + kvmDirectory.split('/').join(sep));
  return hasName ? holdsSource(kvm) : looksLikeKvm(kvm);
}

/** Under its own name, any source will do: files may have been renamed. */
function holdsSource(kvm: string): boolean {
  return entries(kvm).some(
    (entry) =>
      isSourceName(entry.name) ||
      (entry.isDirectory() && entries(join(kvm, entry.name)).some((inner) => isSourceName(inner.name))),
  );
}

/** Under another name, the vendor code must be there: in a directory of its own since 5.1, before that beside x86.c. */
function looksLikeKvm(kvm: string): boolean {
  const names = new Set(entries(kvm).map((entry) => entry.name));
  return ['vmx', 'svm'].some(
    (vendor) =>
      (names.has('x86.c') && names.has(`${vendor}.c`)) ||
      (names.has(vendor) && entries(join(kvm, vendor)).some((entry) => entry.name === `${vendor}.c`)),
  );
}

function entries(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
