import type { BuildStore } from './buildStore.js';
import { recordKey, shortDigest } from './recordStore.js';

/** Records of the files of one tree, a kind of them, by the files' paths. */
export interface TreeRecords {
  readonly read: (path: string) => string | null;
  readonly write: (records: ReadonlyMap<string, string>) => void;
  /** A short text that no other text has. */
  readonly digest: (text: string) => string;
}

/** The records of what is known of the functions of a tree's files. `root`: the tree's. */
export function factRecords({ records, build }: BuildStore, root: string): TreeRecords {
  const keyOf = (path: string) => recordKey(['facts', build, root, path]);
  return {
    read: (path) => records.read(keyOf(path)),
    write: (byPath) => {
      records.writeAll(new Map([...byPath].map(([path, record]) => [keyOf(path), record])));
    },
    digest: shortDigest,
  };
}
