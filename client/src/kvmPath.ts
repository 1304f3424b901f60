/**
 * Which files are in a KVM tree, by their paths: what starts the server, and which documents are sent to it.
 * Paths are absolute, with '/'. Nothing here imports the editor or touches the disk.
 */

/** A way in which a KVM tree lies on disk: whole, or a part that somebody copied out. */
interface Layout {
  /** Where the root belongs in a whole kernel tree: "" for its top. */
  readonly inside: string;
  /** What the root then holds: all of these. */
  readonly holds: readonly string[];
}

const layouts: readonly Layout[] = [
  { inside: '', holds: ['arch/x86/kvm'] },
  { inside: 'arch/', holds: ['x86/kvm'] },
  { inside: 'arch/x86/', holds: ['kvm/x86.c'] },
  { inside: 'arch/x86/kvm/', holds: ['x86.c', 'vmx'] }, // x86.c too: Xen has a directory named vmx
  { inside: 'arch/x86/kvm/', holds: ['x86.c', 'vmx.c'] }, // before 5.1
];

/** The files of a whole tree that can say something about guest registers, relative to its top. */
const relevant =
  /^(arch\/x86\/(kvm|virt|kernel\/fpu|include)\/.+|virt\/kvm\/.+|include\/(uapi\/)?linux\/kvm[^/]*|include\/hyperv\/hvgdk)\.[chS]$/;

/** The same files as glob patterns, wherever the tree is, and whichever part of it is there. */
export const documentPatterns: readonly string[] = [
  '**/x86/{kvm,virt,include}/**/*.{c,h,S}',
  '**/x86/kernel/fpu/**/*.{c,h,S}',
  '**/virt/kvm/**/*.{c,h,S}',
  '**/include/{linux,uapi/linux}/kvm*.h',
  '**/include/hyperv/hvgdk.h',
];

/** Every source file below a root whose own name tells nothing: `~/review/x86.c` beside `~/review/vmx`. */
export const anySourceBelow = '**/*.{c,h,S}';

/**
 * The root of the KVM tree that a file is in; null for a file in none, and for one of the kernel's that no guest register
 * is in (`drivers/net/tun.c`).
 * @param exists whether a path is there on disk
 */
export function kvmTreeOf(file: string, exists: (path: string) => boolean): string | null {
  if (!/\.[chS]$/.test(file)) return null;
  for (let end = file.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : file.lastIndexOf('/', end - 1)) {
    const root = file.slice(0, end);
    const within = file.slice(end + 1);
    const layout = layouts.find(
      ({ inside, holds }) => relevant.test(inside + within) && holds.every((path) => exists(`${root}/${path}`)),
    );
    if (layout !== undefined) return root === '' ? '/' : root;
  }
  return null;
}

/** Whether a file or a folder is in a KVM tree, or is one; also where no guest register can be in it (`drivers/net/tun.c`). */
export function isInKvmTree(path: string, exists: (path: string) => boolean): boolean {
  const parents = path.split('/').map((_, i, names) => names.slice(0, names.length - i).join('/'));
  return parents.some((folder) => isKvmTree(folder, exists));
}

/** Whether a folder is the root of a KVM tree, or of a part of one. */
export function isKvmTree(folder: string, exists: (path: string) => boolean): boolean {
  return layouts.some(({ holds }) => holds.every((path) => exists(`${folder}/${path}`)));
}
