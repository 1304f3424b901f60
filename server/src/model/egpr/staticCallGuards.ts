import { memoizeByIdentity } from '../../cache/memoize.js';
import { STATIC_CALL, STATIC_CALL_UPDATE } from '../../facts/symbols/staticCalls.js';
import { commonGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { CallGraph } from '../callGraph.js';

/**
 * The conditions under which static calls come to call functions, by `call function`: those that every static_call_update()
 * to it is under. None of a function that a static call is defined with, or that one is given under no condition.
 */
export const staticCallGuards = memoizeByIdentity((graph: CallGraph): ReadonlyMap<string, readonly Guard[]> => {
  const updates = new Map<string, (readonly Guard[])[]>();
  for (const { c } of graph.nodes)
    for (const { callee, arguments: given, guards } of c?.callFacts ?? []) {
      if (callee !== STATIC_CALL_UPDATE) continue;
      const [call = '', updated = ''] = given;
      const key = `${call} ${updated.replace(/^&\s*/, '')}`;
      const known = updates.get(key);
      if (known) known.push(guards);
      else updates.set(key, [guards]);
    }
  const places = new Map<string, number>();
  for (const { struct, name, entries } of graph.tables)
    if (struct === STATIC_CALL)
      for (const entry of entries)
        places.set(`${name} ${entry.function}`, (places.get(`${name} ${entry.function}`) ?? 0) + 1);
  // What is written at more places than calls of static_call_update() were read at is given elsewhere too.
  return new Map(
    [...updates].map(([key, guards]) => [key, guards.length === places.get(key) ? guards.reduce(commonGuards) : []]),
  );
});
