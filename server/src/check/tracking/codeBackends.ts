import { placeTables } from '../../backends/registry.js';
import type { PlaceKind } from '../../backends/place.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import { unreadParts } from '../../model/unreadCode.js';
import type { GraphNode } from '../../model/callGraph.js';
import type { RegisterModel } from '../../model/registerModel.js';

/** The vendor whose interface a kind of place is: VMCS fields are VMX's, the VMCB, VMSA and GHCB SVM's. */
const vendorsOfPlaces = memoizeByIdentity(
  (backends: RegisterModel['symbols']['backends']): ReadonlyMap<PlaceKind, string> =>
    new Map(backends.flatMap(({ vendor, places }) => places.map(({ kind }) => [kind, vendor] as const))),
);

/** The backend that each file's code is of, by the hardware's interface that it works on most; none for common code. */
export function backendsOfFiles(model: RegisterModel): ReadonlyMap<string, string> {
  const vendors = vendorsOfPlaces(model.symbols.backends);
  const counts = new Map<string, Map<string, number>>();
  for (const node of model.graph.nodes) {
    const own = counts.get(node.file) ?? new Map<string, number>();
    for (const { from, to } of node.c?.moves ?? []) {
      const backend = vendors.get(from?.kind ?? '') ?? vendors.get(to?.kind ?? '');
      if (backend !== undefined) own.set(backend, (own.get(backend) ?? 0) + 1);
    }
    if (own.size > 0) counts.set(node.file, own);
  }
  const most = ([file, own]: [string, Map<string, number>]): [string, string] => [
    file,
    [...own].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '',
  ];
  return new Map([...counts].map(most));
}

/**
 * The backends of which a tree shows what a rule has to see before it says that something is nowhere: the cache's struct, the
 * enum, code that fetches a register when it is asked for, and C code that runs a guest.
 */
export function wholeBackends(model: RegisterModel): ReadonlySet<string> {
  const { symbols, backends, graph, phases } = model;
  const isKnown =
    symbols.types.members.has(CACHE_STRUCT) &&
    symbols.registers.members.some((member) => member.declared !== null) &&
    phases.cacheCallbacks.length > 0;
  if (!isKnown) return new Set();
  const isRun = (node: GraphNode) => node.c !== null && phases.entryPath.has(node);
  const run = new Set(
    graph.nodes
      .filter((node) => isRun(node) || graph.callers(node).some(({ caller }) => isRun(caller)))
      .map((node) => node.name),
  );
  const isWhole = (backend: (typeof backends)[number]) =>
    backend.entries.some((name) => run.has(name)) && unreadParts(model, backend).length === 0;
  return new Set(backends.filter(isWhole).map(({ name }) => name));
}

/** Whether a kind of place is one that hardware keeps the guest's registers in, and that KVM can read. */
export function isSaveArea({ symbols }: RegisterModel, kind: PlaceKind | undefined): boolean {
  return placeTables(symbols.backends).kinds.get(kind ?? '')?.role === 'save-area';
}
