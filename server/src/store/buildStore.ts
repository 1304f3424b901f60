import { readFileSync } from 'node:fs';
import { openStore, type RecordStore } from './recordStore.js';

/** A store, and which build of the program it is for: the records of another are none. */
export interface BuildStore {
  readonly records: RecordStore;
  readonly build: string;
}

/** Where the program keeps what it can make again; null for nowhere. The limit is in bytes. */
export interface CacheSettings {
  readonly directory: string | null;
  readonly limit: number;
}

/** The store of the program whose files are in `program`; null where the settings want none, or it is not known which build it is. */
export function openBuildStore({ directory, limit }: CacheSettings, program: URL): BuildStore | null {
  const build = buildId(program);
  return directory === null || limit === 0 || build === null ? null : { records: openStore(directory, limit), build };
}

/** What the build wrote beside the program, other for each other program; null where it is not there. */
function buildId(program: URL): string | null {
  try {
    return readFileSync(new URL('build-id', program), 'utf8');
  } catch {
    return null;
  }
}
