import { realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a `file:` URI as the client writes it; null for another scheme. */
export function writtenPath(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

/** A path with its symbolic links resolved; as it is where it does not exist. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * A tree's root as a client writes it that writes a path in the tree in this way: `/link` for `/link/arch/x86/kvm/x86.c`, where
 * `/link` leads to the root. What a client is answered in its own way of writing is the file that it has open already.
 */
export function rootAsWritten(root: string, written: string): string {
  const candidate = resolve(written, relative(realPath(written), root));
  return realPath(candidate) === root ? candidate : root;
}
