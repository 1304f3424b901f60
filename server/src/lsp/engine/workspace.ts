import type { TreeStatus } from '../../../../protocol/protocol.js';
import type { ReadingRecord } from '../../model/keptReading.js';
import type { Steps } from '../../model/steps.js';
import type { CParser } from '../../syntax/c/cTree.js';
import { findKernelTree, type KernelTree } from '../../tree/findKernelTree.js';
import { existingPath, pathIn, realPath, rootAsWritten, writtenPath } from '../filePaths.js';
import { earlierPlace, earlierTree, loneReading } from './meanwhile.js';
import { openTree, type Documents, type OpenTree, type ReadingListener } from './openTree.js';
import type { TreeModel, Trees } from './trees.js';

/** The kernel trees of a client's workspace, as its open documents and the disk have them. */
export interface Workspace {
  /** The text of a document that the client has open, or has changed. */
  readonly open: (document: { readonly uri: string; readonly text: string }) => void;
  readonly close: (uri: string) => void;
  /** Reads the tree that a directory is in, if it is in one. */
  readonly addFolder: (path: string) => Steps<void>;
  /** Forgets a directory that was added, and the tree that it is in unless another directory or a document is in it. */
  readonly removeFolder: (path: string) => void;
  /** Looks at the disk again; true when anything that matters is another. */
  readonly refresh: () => boolean;
  readonly now: () => Trees;
  /** Each tree as it was last read. */
  readonly status: () => readonly TreeStatus[];
}

/** Makes an empty workspace. `recordOf` gives where what is remembered of a tree outlives the process; null for nowhere. */
export function createWorkspace(
  parser: CParser,
  listener: ReadingListener,
  recordOf: (tree: KernelTree) => ReadingRecord | null = () => null,
): Workspace {
  /** By the root, symbolic links resolved. */
  const trees = new Map<string, OpenTree>();
  let documents: Documents = new Map();
  // The path that a document had when it was opened; a link may lead elsewhere by the time that it is closed.
  const paths = new Map<string, string>();
  /** Paths as the client writes them. Their trees are opened when they are first needed. */
  const folders: string[] = [];
  const readAlone = loneReading(parser);

  const treeAt = (written: string): OpenTree | null => {
    const found = findKernelTree(existingPath(written));
    if ('missing' in found) return null;
    const { root } = found.tree;
    const open = trees.get(root) ?? openTree(found.tree, written, { parser, listener, recordOf });
    trees.set(root, open);
    return open;
  };

  /** The tree of a document, where that is open already, and the document's path; null for one outside of every tree. */
  const openTreeAt = (uri: string) => {
    const written = writtenPath(uri);
    const found = written === null ? null : findKernelTree(existingPath(written));
    if (written === null || !found || 'missing' in found) return null;
    return { written, open: trees.get(found.tree.root) };
  };

  function* readFolder(path: string): Steps<void> {
    yield; // What has arrived with it goes first.
    const open = treeAt(path);
    if (open) yield* open.modelOf(open.at(documents));
  }

  const setDocuments = (changed: Documents) => {
    documents = changed;
    // Counts the revisions in the order of the changes, whichever is asked for first.
    for (const open of trees.values()) open.at(documents);
  };

  const now = (): Trees => {
    const texts = documents;
    const wanted = [...folders];
    return {
      place: function* (uri) {
        const written = writtenPath(uri);
        const open = written === null ? null : treeAt(written);
        if (!open || written === null) return null;
        const path = pathIn(open.root, realPath(written));
        if (path === null) return null;
        return { model: yield* open.modelOf(open.at(texts)), root: rootAsWritten(open.root, written), path };
      },
      tree: function* (uri) {
        const written = writtenPath(uri);
        const open = written === null ? null : treeAt(written);
        if (!open || written === null) return null;
        return { model: yield* open.modelOf(open.at(texts)), root: rootAsWritten(open.root, written) };
      },
      all: function* () {
        const models: TreeModel[] = [];
        for (const folder of wanted) treeAt(folder);
        for (const open of trees.values())
          models.push({ model: yield* open.modelOf(open.at(texts)), root: open.writtenRoot });
        return models;
      },
      meanwhile: (uri) => {
        const found = openTreeAt(uri);
        if (!found) return null;
        const { open, written } = found;
        if (open?.lastRead()) return open.isReading() ? earlierPlace(open, open.at(texts), written) : null;
        const path = realPath(written);
        const text = texts.get(path);
        return text === undefined ? null : readAlone(path, text);
      },
      earlier: (uri) => {
        const found = openTreeAt(uri);
        return found?.open ? earlierPlace(found.open, found.open.at(texts), found.written) : null;
      },
      earlierTree: (uri) => {
        const found = openTreeAt(uri);
        return found?.open ? earlierTree(found.open, found.open.at(texts), found.written) : null;
      },
    };
  };

  return {
    open: ({ uri, text }) => {
      const written = writtenPath(uri);
      if (written === null) return;
      const path = paths.get(uri) ?? realPath(written);
      paths.set(uri, path);
      setDocuments(new Map(documents).set(path, text));
    },
    close: (uri) => {
      const path = paths.get(uri);
      if (path === undefined) return;
      paths.delete(uri);
      setDocuments(new Map([...documents].filter(([other]) => other !== path)));
    },
    addFolder: (path) => {
      folders.push(path);
      return readFolder(path);
    },
    removeFolder: (path) => {
      const at = folders.indexOf(path);
      if (at >= 0) folders.splice(at, 1);
      const used = [...folders.map((folder) => realPath(folder)), ...documents.keys()];
      for (const { root } of [...trees.values()])
        if (!used.some((one) => one === root || pathIn(root, one) !== null)) trees.delete(root);
    },
    refresh: () => [...trees.values()].filter((open) => open.refresh()).length > 0,
    now,
    status: () => [...trees.values()].flatMap((open) => open.status() ?? []),
  };
}
