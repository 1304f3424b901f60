import type { ResultOfText } from '../cache/memoize.js';
import type { KeptAssembly } from '../facts/assembly/keptAssembly.js';
import type { KeptFacts } from '../facts/factsReader.js';
import { keptOutline, outlineAsKept, type KeptOutline } from '../facts/source/keptOutline.js';
import type { SourceOutline } from '../facts/source/sourceOutline.js';

/** Where what a tree's readings remember outlives the process. */
export interface ReadingRecord {
  /** What an earlier process of the same build wrote; null for nothing. */
  readonly read: () => unknown;
  /** Takes what makes plain data to be written. That is work, which may wait until nobody does. */
  readonly write: (make: () => unknown) => void;
}

/** What a reading remembers, as plain data. */
export interface KeptReading {
  readonly files: readonly KeptFile[];
  /** Of the C files, in their order. */
  readonly facts: KeptFacts;
  readonly assembly: KeptAssembly | null;
}

/** A file, of C with its outline. */
interface KeptFile {
  readonly path: string;
  readonly text: string;
  /** Null of an assembler's. */
  readonly outline: KeptOutline | null;
}

/** What a record holds; null for nothing. It is of the same build, so that only its outline is looked at. */
export function readKept(record: ReadingRecord | null): KeptReading | null {
  const value = record?.read();
  return isKeptReading(value) ? value : null;
}

function isKeptReading(value: unknown): value is KeptReading {
  if (!isObject(value) || !('files' in value && 'facts' in value)) return false;
  const { files, facts } = value;
  return Array.isArray(files) && files.every(isFile) && isObject(facts) && 'files' in facts && 'questions' in facts;
}

function isFile(value: unknown): boolean {
  return isObject(value) && 'path' in value && 'text' in value && 'outline' in value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The outlines of a reading that is kept, in their order. */
export function outlinesOf({ files }: KeptReading): SourceOutline[] {
  return files.flatMap(({ path, text, outline }) => (outline ? [outlineAsKept(path, text, outline)] : []));
}

/** Outlines by their paths, with the texts that they are of. */
export function outlinesByPath(outlines: readonly SourceOutline[]): Map<string, ResultOfText<SourceOutline>> {
  return new Map(outlines.map((result) => [result.source.path, { text: result.source.text, result }]));
}

/** Files to be kept, with the outlines of those that have one. */
export function keptFiles(
  files: readonly { readonly path: string; readonly text: string }[],
  outlines: readonly SourceOutline[],
): KeptFile[] {
  const byPath = new Map(outlines.map((outline) => [outline.source.path, outline]));
  return files.map(({ path, text }) => {
    const outline = byPath.get(path);
    return { path, text, outline: outline ? keptOutline(outline) : null };
  });
}
