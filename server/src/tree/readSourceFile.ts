import { Buffer, isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** The largest file that is read, in bytes: generous for source, small enough to stay quick. */
export const largestFile = 16 * 1024 * 1024;

/** What reading gave: the text, or why there is none; both where the text had to be repaired. */
interface SourceRead {
  readonly text: string | null;
  readonly problem: string | null;
}

/**
 * Reads one source file. Never throws, never blocks on a pipe or device, follows no symbolic link in the last component.
 * Line ends stay as they are. A byte that is no UTF-8 becomes "?", one byte for one byte, so byte columns stay true.
 */
export function readSourceFile(path: string): SourceRead {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return unreadFile(failureReason(error));
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return unreadFile('not a regular file');
    if (status.size > largestFile) return unreadFile(`too large: ${status.size} bytes, the limit is ${largestFile}`);
    return decodeSource(readFileSync(descriptor));
  } catch (error) {
    return unreadFile(failureReason(error));
  } finally {
    closeSync(descriptor);
  }
}

/** Why a file system call failed, in a reader's words. */
export function failureReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return failures[code] ?? (error instanceof Error ? error.message : String(error));
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

function unreadFile(problem: string): SourceRead {
  return { text: null, problem };
}

function decodeSource(bytes: Buffer): SourceRead {
  if (bytes.includes(0)) return unreadFile('binary file: it holds NUL bytes');
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), problem: null };
  const replaced = replaceInvalidBytes(bytes);
  return { text: bytes.toString('utf8'), problem: `not UTF-8: ${replaced} bytes read as "?"` };
}

/** Puts "?" over each byte that is in no UTF-8 sequence; returns how many. */
function replaceInvalidBytes(bytes: Buffer): number {
  let replaced = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] ?? 0);
    if (length === 1 || (length > 1 && isUtf8(bytes.subarray(at, at + length)))) {
      at += length;
    } else {
      bytes[at] = 0x3f;
      at += 1;
      replaced += 1;
    }
  }
  return replaced;
}

/** The bytes in the UTF-8 sequence that a byte begins; 0 where none can begin with it. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc0 || first >= 0xf8) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
