import type { RegisterModel } from '../../model/registerModel.js';
import type { Steps } from '../../model/steps.js';
import type { LineMoves } from './lineMoves.js';

/** What features answer from: the trees with the texts that they had when a question arrived, whatever is edited until then. */
export interface Trees {
  /** The place of a document, its tree read; null for a document outside of every tree. */
  readonly place: (uri: string) => Steps<Place | null>;
  /** The tree that a file or a directory is in, read; null for one outside of every tree. */
  readonly tree: (uri: string) => Steps<TreeModel | null>;
  /** Every tree that is open. */
  readonly all: () => Steps<readonly TreeModel[]>;
  /** What can be answered from while a document's tree is read; null where it is read, or nothing reads it. */
  readonly meanwhile: (uri: string) => Meanwhile | null;
  /** A document in its tree as that was read before; null where the tree is read as it is, and where it was never read. */
  readonly earlier: (uri: string) => EarlierPlace | null;
  /** The tree that a file or a directory is in as that was read before; null where it is read as it is, and where it was never read. */
  readonly earlierTree: (uri: string) => TreeModel | null;
}

/**
 * A tree's model, with the tree's root as the client writes it: what is answered is written in that way. A tree has one model,
 * however many ways lead to its root.
 */
export interface TreeModel {
  readonly model: RegisterModel;
  readonly root: string;
}

/** A file of a tree. */
export interface Place extends TreeModel {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
}

/** What there is of a tree while it is read. */
export type Meanwhile =
  /** It was never read: its one file alone. */
  { readonly kind: 'lone'; readonly place: Place } | EarlierPlace;

/** A file of a tree that is read again: as it was read before, and where the lines of each file are now. */
export interface EarlierPlace {
  readonly kind: 'earlier';
  readonly place: Place;
  readonly linesOf: (path: string) => LineMoves;
}
