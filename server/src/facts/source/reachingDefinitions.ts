import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { excludes, guardKey, hasGuard, negate, type Guard } from '../../syntax/conditions/guard.js';
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
  const all = tree.definitions.get(tree.text.slice(use.start, use.end)) ?? [];
  const common = guardsOf(tree.guards, use);
  const found: ReachingDefinition[] = [];
  /** The keys of the guards of found definitions that have only one. */
  const single = new Set<string>();
  for (let i = behindLast(all, use.start) - 1; i >= 0; i--) {
    const definition = all[i];
    if (!definition || definition.node.end > use.start) continue;
    const guards = guardsOf(tree.guards, definition.node).filter((guard) => !hasGuard(common, guard));
    if (guards.some((guard) => common.some((other) => excludes(guard, other)))) continue;
    found.push({ ...definition, guards });
    if (overwrites(guards, single)) return { found: found.reverse(), isComplete: true };
    const [only, another] = guards;
    if (only && !another) single.add(guardKey(only));
  }
  return { found: found.reverse(), isComplete: false };
}

/** The index behind the last definition, of those in the order of the text, that begins before an offset. */
function behindLast(definitions: readonly Definition[], offset: number): number {
  return lastAtOrBefore(definitions, offset - 1, ({ node }) => node.start) + 1;
}

/** Whether a definition, or it and one behind it in the other branch of its test, leaves nothing of those before. */
function overwrites([only, another]: readonly Guard[], later: ReadonlySet<string>): boolean {
  if (!only) return true;
  if (another || only.kind === 'case' || only.kind === 'loop') return false;
  return later.has(guardKey(negate(only)));
}
