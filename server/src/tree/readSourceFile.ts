import { Buffer, isUtf8 } from 'node:buffer';
import { realDisk, type Disk } from './disk.js';

/** What reading gave: the text, or why there is none; both where the text had to be repaired. */
interface SourceRead {
  readonly text: string | null;
  readonly problem: string | null;
}

/**
 * Reads one source file. Never throws, never blocks on a pipe or device, follows no symbolic link in the last component.
 * UTF-16 with its mark is decoded. Line ends stay as they are, but for a carriage return that ends a line alone. A byte that is no UTF-8 becomes "?", one byte for one byte, so byte columns stay true.
 */
export function readSourceFile(path: string, disk: Disk = realDisk): SourceRead {
  const read = disk.file(path);
  return 'failure' in read ? unreadFile(read.failure) : decodeSource(read.value);
}

function unreadFile(problem: string): SourceRead {
  return { text: null, problem };
}

function decodeSource(bytes: Buffer): SourceRead {
  const encoding = UTF16.find(({ mark }) => bytes.subarray(0, 2).equals(mark));
  if (encoding) return decodeUtf16(bytes.subarray(2), encoding.name);
  if (bytes.includes(0)) return unreadFile('binary file: it holds NUL bytes');
  if (isUtf8(bytes)) return withLineEnds(bytes.toString('utf8'), null);
  const replaced = replaceInvalidBytes(bytes);
  return withLineEnds(bytes.toString('utf8'), `not UTF-8: ${replaced} bytes read as "?"`);
}

/** The byte order marks of UTF-16 (Unicode 16, 2.6), which editors of other systems write. A compiler does not read it; we can. */
const UTF16 = [
  { name: 'utf-16le', mark: Buffer.from([0xff, 0xfe]) },
  { name: 'utf-16be', mark: Buffer.from([0xfe, 0xff]) },
] as const;

function decodeUtf16(bytes: Buffer, encoding: (typeof UTF16)[number]['name']): SourceRead {
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes('\0')) return unreadFile('binary file: it holds NUL bytes');
  return withLineEnds(text, 'UTF-16, read as such, which no compiler does: columns are those of the text in UTF-8');
}

/** Text in which a carriage return alone ends each line, as Mac OS 9 wrote it, with the line ends that the rest of us have. */
function withLineEnds(text: string, problem: string | null): SourceRead {
  if (text.includes('\n') || !text.includes('\r')) return { text, problem };
  const ends = 'its lines end with carriage returns alone, read as line feeds';
  return { text: text.replaceAll('\r', '\n'), problem: problem === null ? ends : `${problem}; ${ends}` };
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
