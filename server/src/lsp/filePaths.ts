import { existsSync, realpathSync } from 'node:fs';
import path, { type PlatformPath } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a `file:` URI as the client writes it; null for another scheme. A scheme's case is no matter (RFC 3986, 3.1). */
export function writtenPath(uri: string): string | null {
  if (!/^file:/i.test(uri)) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

/**
 * A path with its symbolic links resolved, and written as the file system has it where that does not tell upper from lower case;
 * of what does not exist, as far as it exists.
 */
export function realPath(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realPath(parent), path.basename(file));
  }
}

/** A path, or the nearest directory above it that exists. */
export function existingPath(file: string): string {
  const parent = path.dirname(file);
  return parent === file || existsSync(file) ? file : existingPath(parent);
}

/** A path relative to a root, with `/`; null for one outside, and for the root itself. `paths`: those of the system. */
export function pathIn(root: string, file: string, paths: PlatformPath = path): string | null {
  const inside = paths.relative(root, file);
  const isOutside = inside === '..' || inside.startsWith(`..${paths.sep}`) || paths.isAbsolute(inside);
  return inside === '' || isOutside ? null : inside.split(paths.sep).join('/');
}

/**
 * A tree's root as a client writes it that writes a path in the tree in this way: `/link` for `/link/arch/x86/kvm/x86.c`, where
 * `/link` leads to the root. What a client is answered in its own way of writing is the file that it has open already.
 */
export function rootAsWritten(root: string, written: string): string {
  const candidate = path.resolve(written, path.relative(realPath(written), root));
  return realPath(candidate) === root ? candidate : root;
}
