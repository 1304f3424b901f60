import { relative, sep } from 'node:path';
import { treeReading, type TreeReading } from '../model/readTree.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { CParser } from '../syntax/c/cTree.js';
import { findKernelTree, type KernelTree } from '../tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../tree/loadTree.js';
import { isSourceName } from '../tree/relevantDirectories.js';
import { realPath, rootAsWritten, writtenPath } from './filePaths.js';
import { stampOf } from './stamp.js';
import type { TreeStatus } from './protocol.js';

/** A document that a client has open: its text counts, not the disk's. */
interface OpenDocument {
  readonly uri: string;
  readonly text: string;
}

/** A file of a tree with the tree's model, whose root is as the client writes it. */
export interface Place {
  readonly model: RegisterModel;
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
}

/** The kernel trees of a client's workspace, as its open documents and the disk have them. */
export interface Workspace {
  readonly open: (document: OpenDocument) => void;
  readonly close: (uri: string) => void;
  /** A directory that may be (in) a kernel tree; its tree, if there is one, is read. */
  readonly addFolder: (path: string) => void;
  /** Looks at the disk again; true when anything that matters is another. */
  readonly refresh: () => boolean;
  /** The tree that a document is in and its path there; null for a document outside of every tree. */
  readonly place: (uri: string) => Place | null;
  readonly models: () => readonly RegisterModel[];
  /** Each tree as it was last read. */
  readonly status: () => readonly TreeStatus[];
  /** How often a tree was read. */
  readonly readings: () => number;
}

interface OpenTree {
  readonly tree: KernelTree;
  /** The tree's root as the client wrote it first. */
  readonly root: string;
  readonly reading: TreeReading;
  disk: LoadedTree;
  stamp: string;
  model: RegisterModel | null;
  status: TreeStatus | null;
}

/** Told while a tree is read: which stage, of which root. */
type WorkspaceListener = (root: string, stage: string) => void;

/** Makes an empty workspace. */
export function createWorkspace(parser: CParser, onStage: WorkspaceListener): Workspace {
  const trees = new Map<string, OpenTree>();
  const documents = new Map<string, string>();
  // The path that a document had when it was opened; a link may lead elsewhere by the time that it is closed.
  const paths = new Map<string, string>();
  let readings = 0;

  const treeAt = (written: string): OpenTree | null => {
    const found = findKernelTree(written);
    if ('missing' in found) return null;
    const known = trees.get(found.tree.root);
    if (known) return known;
    // The stamp is taken first: what changes while the tree is loaded is seen by the next look.
    const stamp = stampOf(found.tree);
    const opened: OpenTree = {
      tree: found.tree,
      root: rootAsWritten(found.tree.root, written),
      reading: treeReading(parser),
      disk: loadTree(found.tree),
      stamp,
      model: null,
      status: null,
    };
    trees.set(found.tree.root, opened);
    return opened;
  };
  const modelOf = (open: OpenTree): RegisterModel => {
    if (open.model) return open.model;
    const began = performance.now();
    const text = { ...open.disk, root: open.root, files: overlaid(open.disk, documents) };
    open.model = open.reading(text, (stage) => {
      onStage(open.tree.root, stage);
    });
    open.status = statusOf(open, open.model, performance.now() - began);
    readings++;
    return open.model;
  };
  const diskText = (path: string): string | null => {
    for (const { disk } of trees.values()) {
      const inside = pathIn(disk.root, path);
      const file = inside === null ? undefined : disk.files.find((f) => f.path === inside);
      if (file) return file.text;
    }
    return null;
  };
  const forget = (path: string) => {
    for (const open of trees.values()) if (pathIn(open.tree.root, path) !== null) open.model = null;
  };
  return {
    open: ({ uri, text }) => {
      const written = writtenPath(uri);
      if (written === null) return;
      const path = paths.get(uri) ?? realPath(written);
      paths.set(uri, path);
      const before = documents.get(path) ?? diskText(path);
      documents.set(path, text);
      if (before !== text) forget(path);
    },
    close: (uri) => {
      const path = paths.get(uri);
      if (path === undefined) return;
      paths.delete(uri);
      const before = documents.get(path);
      if (documents.delete(path) && before !== diskText(path)) forget(path);
    },
    addFolder: (path) => {
      const open = treeAt(path);
      if (open) modelOf(open);
    },
    refresh: () => {
      let isChanged = false;
      for (const open of trees.values()) {
        const stamp = stampOf(open.tree);
        if (stamp === open.stamp) continue;
        open.stamp = stamp;
        open.disk = loadTree(open.tree);
        open.model = null;
        isChanged = true;
      }
      return isChanged;
    },
    place: (uri) => {
      const written = writtenPath(uri);
      const open = written === null ? null : treeAt(written);
      if (!open || written === null) return null;
      const path = pathIn(open.tree.root, realPath(written));
      const model = modelOf(open);
      const root = rootAsWritten(open.tree.root, written);
      return path === null ? null : { model: root === model.root ? model : { ...model, root }, path };
    },
    models: () => [...trees.values()].map(modelOf),
    status: () => [...trees.values()].flatMap(({ status }) => status ?? []),
    readings: () => readings,
  };
}

/** The disk's files with the texts of open documents; one that is not on the disk yet is added. */
function overlaid(disk: LoadedTree, documents: ReadonlyMap<string, string>): LoadedTree['files'] {
  const open = new Map<string, string>();
  for (const [path, text] of documents) {
    const inside = pathIn(disk.root, path);
    if (inside !== null && isSourceName(inside)) open.set(inside, text);
  }
  if (open.size === 0) return disk.files;
  const files = disk.files.map((file) => ({ path: file.path, text: open.get(file.path) ?? file.text }));
  const known = new Set(files.map((file) => file.path));
  const added = [...open]
    .filter(([path]) => !known.has(path) && /(?:^|\/)kvm\//.test(path))
    .map(([path, text]) => ({ path, text }));
  return [...files, ...added].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function pathIn(root: string, path: string): string | null {
  const inside = relative(root, path);
  return inside === '' || inside.startsWith('..') ? null : inside.split(sep).join('/');
}

/** `ms`: how long the reading took. */
function statusOf({ tree }: OpenTree, { kernel, files, problems }: RegisterModel, ms: number): TreeStatus {
  const references = [...files.values()].reduce((sum, file) => sum + file.references.length, 0);
  return { root: tree.root, kernel, files: files.size, references, ms: Math.round(ms), problems };
}
