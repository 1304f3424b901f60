import type { TreeStatus } from '../../../../protocol/protocol.js';
import { BACKENDS } from '../../backends/registry.js';
import type { ReadingRecord } from '../../model/keptReading.js';
import { isOpen } from '../../backends/owner.js';
import { referencesIn } from '../../model/query/references.js';
import { pathsOf } from '../../model/query/text.js';
import { withoutRepeatedStages, steppedReading } from '../../model/readTree.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Steps } from '../../model/steps.js';
import type { CParser } from '../../syntax/c/cTree.js';
import type { KernelTree } from '../../tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../../tree/loadTree.js';
import { isSourceName } from '../../tree/relevantDirectories.js';
import { pathIn, rootAsWritten } from '../filePaths.js';
import { stampOf } from './stamp.js';

/** The texts of documents that a client has open, by their paths with symbolic links resolved; another map after each change. */
export type Documents = ReadonlyMap<string, string>;

/** A tree's texts at one moment, the disk's with open documents laid over them, and its model once that is read. */
export interface Revision {
  /** In the order in which the texts came up. */
  readonly number: number;
  readonly text: LoadedTree;
  model: RegisterModel | null;
}

/** A kernel tree through the changes of its texts. */
export interface OpenTree {
  /** The root with symbolic links resolved. */
  readonly root: string;
  /** The root as the client wrote it first. */
  readonly writtenRoot: string;
  /** The tree with documents laid over the disk's texts. */
  readonly at: (documents: Documents) => Revision;
  /** The last one of the revisions that are read to the end. */
  readonly lastRead: () => Revision | null;
  /** Whether a reading is under way. */
  readonly isReading: () => boolean;
  /** Looks at the disk again; whether it is another. */
  readonly refresh: () => boolean;
  /** The model of a revision. Unless that is read already, the first step is only to have a reading under way. */
  readonly modelOf: (revision: Revision) => Steps<RegisterModel>;
  /** The tree as it was last read. */
  readonly status: () => TreeStatus | null;
}

/** What is called while trees are read. */
export interface ReadingListener {
  readonly onStage: (root: string, stage: string) => void;
  readonly onRead: () => void;
}

/** What reads trees. */
export interface TreeReader {
  readonly parser: CParser;
  readonly listener: ReadingListener;
  /** Where what is remembered of a tree outlives the process; null for nowhere. */
  readonly recordOf: (tree: KernelTree) => ReadingRecord | null;
}

/** Loads a tree from the disk. `written`: a path in it as the client writes it. */
export function openTree(tree: KernelTree, written: string, { parser, listener, recordOf }: TreeReader): OpenTree {
  const read = steppedReading(parser, BACKENDS, recordOf(tree));
  // The stamp is taken first: what changes while the tree is loaded is seen by the next look.
  let stamp = stampOf(tree);
  let disk = loadTree(tree);
  let revisions = new WeakMap<Documents, Revision>();
  let newest: Revision | null = null;
  let last: Revision | null = null;
  let status: TreeStatus | null = null;
  let reading: Steps<void> | null = null;

  const at = (documents: Documents): Revision => {
    const known = revisions.get(documents);
    if (known) return known;
    const text = withDocuments(disk, documents);
    if (!newest || !isSameText(newest.text, text)) newest = { number: (newest?.number ?? 0) + 1, text, model: null };
    revisions.set(documents, newest);
    return newest;
  };

  function* readRevision(revision: Revision): Steps<void> {
    const began = performance.now();
    const onStage = withoutRepeatedStages((stage) => {
      listener.onStage(tree.root, stage);
    });
    const steps = read(revision.text);
    let step = steps.next();
    while (!step.done) {
      onStage(step.value);
      yield;
      step = steps.next();
    }
    revision.model = step.value;
    // What is more urgent may have had a later revision read before.
    if (last && last.number > revision.number) return;
    last = revision;
    status = statusOf(tree, step.value, performance.now() - began);
    listener.onRead();
  }

  const goOnReading = () => {
    if (reading?.next().done) reading = null;
  };

  return {
    root: tree.root,
    writtenRoot: rootAsWritten(tree.root, written),
    at,
    lastRead: () => last,
    isReading: () => reading !== null,
    refresh: () => {
      const found = stampOf(tree);
      if (found === stamp) return false;
      stamp = found;
      disk = loadTree(tree);
      revisions = new WeakMap();
      return true;
    },
    modelOf: function* (revision) {
      for (;;) {
        if (revision.model) return revision.model;
        // A reading that is under way, of whatever revision, is done to its end first: the next gains by what it remembers.
        reading ??= readRevision(revision);
        yield;
        goOnReading();
      }
    },
    status: () => status,
  };
}

/** The text of a tree's file; undefined where there is none. */
export function textAt({ files }: LoadedTree, path: string): string | undefined {
  return files.find((file) => file.path === path)?.text;
}

function isSameText(some: LoadedTree, other: LoadedTree): boolean {
  return (
    some.files.length === other.files.length &&
    some.files.every((file, i) => file.path === other.files[i]?.path && file.text === other.files[i].text)
  );
}

/** The disk's files with the texts of open documents; one that is not on the disk yet is added. */
function withDocuments(disk: LoadedTree, documents: Documents): LoadedTree {
  const open = new Map<string, string>();
  for (const [path, text] of documents) {
    const inside = pathIn(disk.root, path);
    if (inside !== null && isSourceName(inside)) open.set(inside, text);
  }
  if (open.size === 0) return disk;
  const files = disk.files.map((file) => ({ path: file.path, text: open.get(file.path) ?? file.text }));
  const known = new Set(files.map((file) => file.path));
  const added = [...open]
    .filter(([path]) => !known.has(path) && /(?:^|\/)kvm\//.test(path))
    .map(([path, text]) => ({ path, text }));
  return { ...disk, files: [...files, ...added].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** `ms`: how long the reading took. */
function statusOf({ root }: KernelTree, model: RegisterModel, ms: number): TreeStatus {
  const { kernel, problems } = model;
  const paths = pathsOf(model);
  const references = paths.reduce((sum, path) => sum + referencesIn(model, path).length, 0);
  const owners = model.registers.flatMap((register) => register.owners);
  return {
    root,
    kernel,
    files: paths.length,
    references,
    backends: model.backends.map(({ title }) => title),
    owners: owners.length,
    openOwners: owners.filter(({ unknown }) => isOpen(unknown)).length,
    ms: Math.round(ms),
    problems,
  };
}
