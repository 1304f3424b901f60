import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { excludes, hasGuard, negate, sameGuard, type Guard } from '../../syntax/conditions/guard.js';
import type { Definition, FunctionTree } from './functionTree.js';
import { guardsOf } from './guards.js';

/** A definition of a variable that its use may get its value from. */
export interface ReachingDefinition extends Definition {
  /** The conditions that the definition is under and the use is not. */
  readonly guards: readonly Guard[];
}

/** The definitions of a variable that may reach a use, and whether one of them does in any case. */
interface ReachingDefinitions {
  readonly found: readonly ReachingDefinition[];
  readonly isComplete: boolean;
}

/**
 * The definitions that may give a variable its value where it is used, in the order of the text: not those in another branch,
 * nor what is overwritten on every way. A definition behind the use, which a loop may bring back, is left out.
 */
export function reachingDefinitions(tree: FunctionTree, use: CNode): ReachingDefinitions {
  return definitionsIn(tree)(use);
}

const definitionsIn = memoizeByIdentity((tree: FunctionTree) =>
  memoizeByIdentity((use: CNode) => findDefinitions(tree, use)),
);

function findDefinitions(tree: FunctionTree, use: CNode): ReachingDefinitions {
  const name = tree.text.slice(use.start, use.end);
  const before = (tree.definitions.get(name) ?? []).filter(({ node }) => node.end <= use.start);
  if (before.length === 0) return { found: [], isComplete: false };
  const common = guardsOf(tree.guards, use);
  const found = before.flatMap((definition): ReachingDefinition[] => {
    const guards = guardsOf(tree.guards, definition.node).filter((guard) => !hasGuard(common, guard));
    const isElsewhere = guards.some((guard) => common.some((other) => excludes(guard, other)));
    return isElsewhere ? [] : [{ ...definition, guards }];
  });
  const last = found.findLastIndex((definition, i) => overwrites(definition, found.slice(i + 1)));
  return { found: found.slice(Math.max(0, last)), isComplete: last >= 0 };
}

/** Whether a definition, or it and one behind it in the other branch of its test, leaves nothing of those before. */
function overwrites({ guards: [only, another] }: ReachingDefinition, later: readonly ReachingDefinition[]): boolean {
  if (!only) return true;
  if (another || only.kind === 'case' || only.kind === 'loop') return false;
  const opposite = negate(only);
  return later.some(({ guards }) => guards.length === 1 && guards.every((guard) => sameGuard(guard, opposite)));
}
