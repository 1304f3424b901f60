import type { Steps } from '../../model/steps.js';
import type { TreeModel, Trees } from '../engine/trees.js';
import { isRecord } from '../isRecord.js';

/** A question about a tree: that which a file or a directory is in, or the first that is open. */
export interface TreeQuestion {
  readonly uri: string | null;
}

/** Any client may send such a request, so it is looked at closely. */
export function treeQuestion(params: unknown): TreeQuestion {
  return { uri: stringIn(params, 'uri') };
}

/** A string among a request's parameters; null for none. */
export function stringIn(params: unknown, key: string): string | null {
  const value = isRecord(params) ? params[key] : undefined;
  return typeof value === 'string' ? value : null;
}

/** Reads the tree that a question is about; null where there is none. */
export function* treeAsked(trees: Trees, { uri }: TreeQuestion): Steps<TreeModel | null> {
  if (uri !== null) return yield* trees.tree(uri);
  const [first] = yield* trees.all();
  return first ?? null;
}
