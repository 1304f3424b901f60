import type { Place } from '../backends/place.js';
import { vmcbPlace } from '../facts/registers/vmcbPlace.js';
import { oneOrigin, type VmcbOrigin } from '../facts/registers/vmcbs.js';
import { FARTHEST } from './callWalk.js';
import type { CallGraph, GraphNode } from './callGraph.js';

/** A place of a function's own facts as one of the tree: a member of a VMCB that it is given is of the one that all callers give. */
export function placeByCallers(graph: CallGraph, node: GraphNode, place: Place | null): Place | null {
  if (place?.parameter === undefined) return place;
  return vmcbPlace(place.name, givenBy(graph, node, { index: place.parameter, seen: [] }));
}

/** A function's parameter, and the functions that the walk up its callers has passed. */
interface Given {
  readonly index: number;
  readonly seen: readonly GraphNode[];
}

/** Which VMCB the callers of a function give it; unknown where they differ, and where one does not tell or none is known. */
function givenBy(graph: CallGraph, node: GraphNode, { index, seen }: Given): VmcbOrigin {
  if (seen.includes(node) || seen.length >= FARTHEST.areaToOwner) return { kind: 'unknown' };
  const origins = graph.callers(node).map(({ caller, offset }): VmcbOrigin => {
    const given = caller.c?.givenVmcbs.find(
      (one) => one.callee === node.name && one.offset === offset && one.argument === index,
    );
    if (given?.origin.kind !== 'parameter') return given?.origin ?? { kind: 'unknown' };
    return givenBy(graph, caller, { index: given.origin.index, seen: [...seen, node] });
  });
  return oneOrigin(origins);
}
