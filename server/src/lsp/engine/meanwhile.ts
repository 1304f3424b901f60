import { basename } from 'node:path';
import { memoizeByFingerprint } from '../../cache/memoize.js';
import { sourceOf } from '../../model/query/text.js';
import { readTree } from '../../model/readTree.js';
import type { CParser } from '../../syntax/c/cTree.js';
import type { LoadedTree } from '../../tree/loadTree.js';
import { pathIn, realPath, rootAsWritten } from '../filePaths.js';
import { lineMoves, NO_MOVES, type LineMoves } from './lineMoves.js';
import { textAt, type OpenTree, type Revision } from './openTree.js';
import type { EarlierPlace, Meanwhile, TreeModel } from './trees.js';

/** Reads a file alone, without its tree; one that stays as it is is read once. */
export function loneReading(parser: CParser): (path: string, text: string) => Meanwhile {
  const modelOf = memoizeByFingerprint(
    ({ path, text }: { readonly path: string; readonly text: string }) => [path, text],
    (file) => readTree(parser, { root: '', kernel: null, files: [file], problems: [] }),
  );
  return (documentPath, text) => {
    const path = basename(documentPath);
    return { kind: 'lone', place: { model: modelOf({ path, text }), root: '', path } };
  };
}

/** The model that was read before a revision; null where the revision is read. `written`: a path in the tree as the client writes it. */
export function earlierTree(open: OpenTree, revision: Revision, written: string): TreeModel | null {
  const last = open.lastRead();
  return revision.model || !last?.model ? null : { model: last.model, root: rootAsWritten(open.root, written) };
}

/**
 * A document's place in the model that was read before a revision. Null where the revision is read, and where the file was not
 * in the tree. `written`: the document's path as the client writes it.
 */
export function earlierPlace(open: OpenTree, revision: Revision, written: string): EarlierPlace | null {
  const last = open.lastRead();
  const tree = earlierTree(open, revision, written);
  const path = pathIn(open.root, realPath(written));
  if (!tree || !last || path === null || !sourceOf(tree.model, path)) return null;
  return { kind: 'earlier', place: { ...tree, path }, linesOf: movesBetween(last.text, revision.text) };
}

/** By path, where the lines of an earlier text of a tree's file are now. */
function movesBetween(earlier: LoadedTree, now: LoadedTree): (path: string) => LineMoves {
  const known = new Map<string, LineMoves>();
  return (path) => {
    const before = textAt(earlier, path);
    const after = textAt(now, path);
    const moves = known.get(path) ?? (before === after ? NO_MOVES : lineMoves(before ?? '', after ?? ''));
    known.set(path, moves);
    return moves;
  };
}
