import { Buffer } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

/**
 * Records in a directory, a file each, that outlive the process and can all be made again. Several processes may use it at once:
 * a record appears whole or not at all. What cannot be read is not there, what cannot be written is not kept: nothing throws.
 */
export interface RecordStore {
  /** The record of a key; null where there is none, or a damaged one. */
  readonly read: (key: string) => string | null;
  readonly write: (key: string, record: string) => void;
  /** The same of any bytes. */
  readonly readBytes: (key: string) => Buffer | null;
  readonly writeBytes: (key: string, record: Buffer) => void;
}

/** What a store holds. */
export interface StoreUsage {
  readonly records: number;
  readonly bytes: number;
}

/** More records than these are not kept: all are looked through when one is written. */
const MOST_RECORDS = 5000;

/** A store that holds `limit` bytes at the most; what was not used for the longest goes first. Keys are {@link recordKey}'s. */
export function openStore(directory: string, limit: number): RecordStore {
  const readBytes: RecordStore['readBytes'] = (key) => attempt(() => readRecord(directory, key));
  const writeBytes: RecordStore['writeBytes'] = (key, record) => {
    attempt(() => {
      writeRecord(directory, key, { record, limit });
    });
    removeOldest(directory, limit);
  };
  return {
    read: (key) => readBytes(key)?.toString() ?? null,
    write: (key, record) => {
      writeBytes(key, Buffer.from(record));
    },
    readBytes,
    writeBytes,
  };
}

/** A key that says what a record is of: the hash of a value, as JSON has it. */
export function recordKey(value: unknown): string {
  return sha256(JSON.stringify(value));
}

export function storeUsage(directory: string): StoreUsage {
  const files = recordFiles(directory);
  return { records: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** Removes a store's records, and its directory where nothing else is in it. */
export function clearStore(directory: string): void {
  for (const { path } of recordFiles(directory))
    attempt(() => {
      rmSync(path);
    });
  attempt(() => {
    rmdirSync(directory);
  });
}

function readRecord(directory: string, key: string): Buffer | null {
  if (!isPrivate(directory)) return null;
  const path = join(directory, key);
  const bytes = readFileSync(path);
  const record = bytes.subarray(DIGEST_LENGTH);
  if (!bytes.subarray(0, DIGEST_LENGTH).equals(digestOf(key, record))) return null;
  const now = new Date();
  utimesSync(path, now, now);
  return record;
}

function writeRecord(
  directory: string,
  key: string,
  { record, limit }: { readonly record: Buffer; readonly limit: number },
) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!isPrivate(directory) || DIGEST_LENGTH + record.length > limit) return;
  const temporary = join(directory, `${key}.${randomUUID()}`);
  try {
    writeFileSync(temporary, '', { flag: 'wx', mode: 0o600 });
    appendFileSync(temporary, digestOf(key, record));
    appendFileSync(temporary, record);
    renameSync(temporary, join(directory, key));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Whether nobody else can have put records into a directory: what they hold goes to the user's terminal. */
function isPrivate(directory: string): boolean {
  const status = statSync(directory);
  // Windows has neither; there the directory's access control list is the user's.
  if (process.getuid === undefined) return true;
  return status.uid === process.getuid() && (status.mode & 0o022) === 0;
}

/** What tells of a record that it is whole, and of this key. It stands before it. */
function digestOf(key: string, record: Buffer): Buffer {
  return createHash('sha256').update(key).update(record).digest();
}

/** Bytes. */
const DIGEST_LENGTH = 32;

function removeOldest(directory: string, limit: number): void {
  let bytes = 0;
  const newestFirst = recordFiles(directory)
    .filter((file) => !isBeingWritten(file))
    .sort((a, b) => b.used - a.used);
  for (const [i, { path, size }] of newestFirst.entries()) {
    bytes += size;
    if (bytes > limit || i >= MOST_RECORDS)
      attempt(() => {
        rmSync(path);
      });
  }
}

interface RecordFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last written or read; milliseconds. */
  readonly used: number;
}

/** Whether another process may be about to put a file in its place: not yet a record, and nothing to make room of. */
function isBeingWritten({ path, used }: RecordFile): boolean {
  return basename(path).includes('.') && Date.now() - used < LONGEST_WRITING;
}

/** Milliseconds. */
const LONGEST_WRITING = 60_000;

/** A record's file, and one that is being written or was left so. */
const RECORD_NAME = /^[0-9a-f]{64}(?:\.[0-9a-f-]{36})?$/;

function recordFiles(directory: string): RecordFile[] {
  const names = attempt(() => readdirSync(directory)) ?? [];
  return names.flatMap((name) => {
    const path = join(directory, name);
    // Another process may have removed it meanwhile.
    const status = RECORD_NAME.test(name) ? attempt(() => statSync(path)) : null;
    return status ? [{ path, size: status.size, used: status.mtimeMs }] : [];
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What an operation on a record gives; null where it fails. */
export function attempt<Result>(operation: () => Result): Result | null {
  try {
    return operation();
  } catch {
    return null;
  }
}
