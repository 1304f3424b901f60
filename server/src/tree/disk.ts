import { Buffer } from 'node:buffer';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  readdirSync,
  realpathSync,
  statSync,
  type Dirent,
  type Stats,
} from 'node:fs';

/** What the disk says to a question, or why it says nothing. */
export type DiskAnswer<Value> =
  | { readonly value: Value }
  /** `isMissing`: nothing is there. */
  | { readonly failure: string; readonly isMissing: boolean };

export type FileKind = 'file' | 'directory' | 'link' | 'other';

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** What a path leads to: an absolute path without symbolic links, and what is there. */
export interface LinkTarget {
  readonly path: string;
  readonly kind: FileKind;
}

/**
 * All that reading a tree asks of a disk, by absolute paths: where the same questions have the same answers, the same tree is
 * read. Nothing throws.
 */
export interface Disk {
  /** What is directly in a directory, sorted by name, by code unit. */
  readonly directory: (path: string) => DiskAnswer<readonly DirectoryEntry[]>;
  /**
   * A regular file's bytes, which the next question for a file may write over. Never blocks on a pipe or a device, follows no
   * symbolic link in the last component.
   */
  readonly file: (path: string) => DiskAnswer<Buffer>;
  readonly target: (path: string) => DiskAnswer<LinkTarget>;
}

/** The largest file that is read, in bytes: generous for source, small enough to stay quick. */
export const largestFile = 16 * 1024 * 1024;

/** The machine's own. */
export const realDisk: Disk = {
  directory: (path) =>
    answered(() =>
      readdirSync(path, { withFileTypes: true })
        .map((entry): DirectoryEntry => ({ name: entry.name, kind: kindOf(entry) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ),
  file: readFile,
  target: (path) =>
    answered(() => {
      // Most of what is asked for is not there: an exception for each would take the most time of all.
      const status = statSync(path, { throwIfNoEntry: false });
      return status ? { path: realpathSync.native(path), kind: kindOf(status) } : null;
    }),
};

function readFile(path: string): DiskAnswer<Buffer> {
  const opened = answered(() => openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  if ('failure' in opened) return opened;
  const refused = (failure: string) => ({ failure, isMissing: false });
  try {
    const status = fstatSync(opened.value);
    if (!status.isFile()) return refused('not a regular file');
    if (status.size > largestFile) return refused(`too large: ${status.size} bytes, the limit is ${largestFile}`);
    return { value: readBytes(opened.value, status.size) };
  } catch (error) {
    return refused(failureReason(error));
  } finally {
    closeSync(opened.value);
  }
}

/** What all files are read into, one after the other: memory for each would have to be collected. */
let scratch = Buffer.allocUnsafe(1024 * 1024);

function readBytes(descriptor: number, size: number): Buffer {
  if (scratch.length < size) scratch = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = readSync(descriptor, scratch, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return scratch.subarray(0, length);
}

const MISSING = { failure: 'no such file or directory', isMissing: true };

/** What a system call gives, or why it fails; null: nothing is there. */
function answered<Value>(ask: () => Value | null): DiskAnswer<Value> {
  try {
    const value = ask();
    return value === null ? MISSING : { value };
  } catch (error) {
    const code = errorCode(error);
    return { failure: failureReason(error), isMissing: code === 'ENOENT' || code === 'ENOTDIR' };
  }
}

function kindOf(status: Dirent | Stats): FileKind {
  if (status.isFile()) return 'file';
  if (status.isDirectory()) return 'directory';
  return status.isSymbolicLink() ? 'link' : 'other';
}

/** Why a file system call failed, in a reader's words. */
export function failureReason(error: unknown): string {
  return failures[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const failures: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'no such directory',
  EISDIR: 'is a directory',
  ELOOP: 'symbolic links form a loop',
  ENXIO: 'not a regular file',
};
