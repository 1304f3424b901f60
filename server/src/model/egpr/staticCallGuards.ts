import { memoizeByIdentity } from '../../cache/memoize.js';
import { STATIC_CALL, STATIC_CALL_UPDATE } from '../../facts/symbols/staticCalls.js';
import { commonGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { CallGraph } from '../callGraph.js';
import { groupBy } from '../groupBy.js';

/**
 * The conditions under which static calls come to call functions, by `call function`: those that every static_call_update()
 * to it is under. None of a function that a static call is defined with, or that one is given under no condition.
 */
export const staticCallGuards = memoizeByIdentity((graph: CallGraph): ReadonlyMap<string, readonly Guard[]> => {
  const calls = graph.nodes.flatMap(
    ({ c }) => c?.callFacts.filter(({ callee }) => callee === STATIC_CALL_UPDATE) ?? [],
  );
  const updates = groupBy(calls, ({ arguments: [call = '', updated = ''] }) => givenKey(call, updated));
  const tables = graph.tables.filter(({ struct }) => struct === STATIC_CALL);
  const given = tables.flatMap(({ name, entries }) => entries.map((entry) => givenKey(name, entry.function)));
  const places = groupBy(given, (key) => key);
  // What is written at more places than calls of static_call_update() were read at is given elsewhere too.
  return new Map(
    [...updates].map(([key, read]) => [
      key,
      read.length === places.get(key)?.length ? read.map(({ guards }) => guards).reduce(commonGuards) : [],
    ]),
  );
});

function givenKey(call: string, given: string): string {
  return `${call} ${given.replace(/^&\s*/, '')}`;
}
