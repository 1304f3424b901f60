import process from 'node:process';
import { deserialize, serialize } from 'node:v8';
import type { BuildStore } from './buildStore.js';
import { attempt, recordKey } from './recordStore.js';

/** One record of a tree: any plain data, objects that stand in it several times included. Nothing throws. */
export interface TreeRecord {
  /** Null where there is none. */
  readonly read: () => unknown;
  /** What is no plain data, a function for example, is not kept. */
  readonly write: (value: unknown) => void;
}

/** The record of what readings of a tree remember. `root`: the tree's. */
export function readingRecord({ records, build }: BuildStore, root: string): TreeRecord {
  // Another V8 may write another format.
  const key = recordKey(['reading', build, process.versions.v8, root]);
  return {
    read: () => attempt(() => valueOf(records.readBytes(key))),
    write: (value) => {
      attempt(() => {
        records.writeBytes(key, serialize(value));
      });
    },
  };
}

function valueOf(bytes: Buffer | null): unknown {
  return bytes && deserialize(bytes);
}
