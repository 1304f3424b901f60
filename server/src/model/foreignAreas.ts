import { UNKNOWN_PLACE, type Place, type PlaceKind } from '../backends/place.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { FARTHEST } from './callWalk.js';
import type { CallGraph, GraphNode } from './callGraph.js';

/**
 * A place of a function's own facts as one of the tree: where another VMCS than the vCPU's may be current, as in code that runs a
 * guest for another hypervisor, it is not known whose field it is. `offset`: of the access, in the function.
 */
export function placeInCurrent(graph: CallGraph, node: GraphNode, place: Place | null, offset: number): Place | null {
  if (!place || place.kind === UNKNOWN_PLACE) return place;
  const before = areaAt(node, place.kind, offset);
  const isForeign = before === 'foreign' || (before === null && calledInForeign(graph).get(node)?.has(place.kind));
  return isForeign ? { ...place, kind: UNKNOWN_PLACE } : place;
}

/** Whose control structure is current at an offset of a function, by the function itself; null where it says nothing. */
function areaAt({ c }: GraphNode, kind: PlaceKind, offset: number): 'own' | 'foreign' | null {
  const last = c?.areaChanges.findLast((change) => change.kind === kind && change.offset < offset);
  return last ? (last.isForeign ? 'foreign' : 'own') : null;
}

/** The functions that are called while a control structure is current that may be another's, with its kind of place. */
const calledInForeign = memoizeByIdentity((graph: CallGraph): ReadonlyMap<GraphNode, ReadonlySet<PlaceKind>> => {
  const found = new Map<GraphNode, Set<PlaceKind>>();
  const changing = graph.tellingNodes.filter(({ c }) => c?.areaChanges.some(({ isForeign }) => isForeign));
  for (const kind of new Set(changing.flatMap(({ c }) => c?.areaChanges.map((change) => change.kind) ?? []))) {
    let level = new Set(
      changing.flatMap((node) => calledAt(graph, node, (at) => areaAt(node, kind, at) === 'foreign')),
    );
    for (let distance = 0; distance < FARTHEST.areaToOwner && level.size > 0; distance++) {
      const fresh = [...level].filter((node) => !found.get(node)?.has(kind));
      for (const node of fresh) found.set(node, (found.get(node) ?? new Set()).add(kind));
      level = new Set(fresh.flatMap((node) => calledAt(graph, node, (at) => areaAt(node, kind, at) !== 'own')));
    }
  }
  return found;
});

/** What a function calls itself at offsets that are of interest. */
function calledAt(graph: CallGraph, node: GraphNode, isAt: (offset: number) => boolean): GraphNode[] {
  return graph
    .callees(node)
    .flatMap(({ callee, offset, operation }) => (operation === null && isAt(offset) ? callee : []));
}
