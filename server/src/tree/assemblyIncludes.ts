import type { KernelTree } from './findKernelTree.js';
import { pathInside } from './relevantDirectories.js';

/** Where `<asm/x.h>` is looked for, in a whole kernel tree. */
const ASM_HEADERS = 'arch/x86/include/asm';

/**
 * Headers of the architecture that KVM's assembly files include and that are not among what was read, with what those include:
 * `<asm/dwarf2.h>` of a kernel that has it. `read` gives a file's text by its path in the tree; null where there is none to be read.
 */
export function assemblyIncludes(
  tree: KernelTree,
  files: ReadonlyMap<string, string>,
  read: (path: string) => string | null,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const directory = pathInside(tree.inside, ASM_HEADERS);
  if (directory === undefined) return found;
  const texts = Array.from(files).flatMap(([path, text]) => (isAssemblyOf(tree, path) ? [text] : []));
  // The list grows while it is gone through.
  for (const text of texts) {
    for (const [, name = ''] of text.matchAll(ASM_INCLUDE)) {
      const path = `${directory}/${name}`;
      if (files.has(path) || found.has(path)) continue;
      const more = read(path);
      if (more === null) continue;
      found.set(path, more);
      texts.push(more);
    }
  }
  return found;
}

/** `#include <asm/x.h>`, not one that leads out of the directory. */
const ASM_INCLUDE = /^[ \t]*#[ \t]*include[ \t]*<asm\/(\w[\w-]*\.h)>/gm;

function isAssemblyOf({ kvm }: KernelTree, path: string): boolean {
  return path.endsWith('.S') && (kvm === '' || path.startsWith(`${kvm}/`));
}
