import type { Backend } from '../backends/backend.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { OPERATIONS_STRUCT } from '../facts/symbols/opsTables.js';
import type { CallGraph, GraphTable } from './callGraph.js';
import { entryBackends } from './entryBackends.js';
import { folderOf, KVM_FOLDER, vendorsByFile } from './vendorFiles.js';

/** An implementation of KVM's operations by a backend that is not known, which is called after it: `pvm` for `pvm_x86_ops`. */
interface UnknownTable {
  readonly name: string;
  readonly table: GraphTable;
}

/** The tables of KVM's operations whose functions enter no guest of a backend that is known. */
export function unknownTables(known: readonly Backend[], graph: CallGraph): UnknownTable[] {
  return graph.tables
    .filter(({ struct, entries }) => struct === OPERATIONS_STRUCT && entries.length > 0)
    .filter((table) => entryBackends(known, graph, table).size === 0)
    .map((table) => ({ name: table.name.replace(/_?x86_ops$|_ops$/, ''), table }));
}

/**
 * The backend that is not known whose module a file's code is of: the file of its table of operations, and those beside it in a
 * folder of its own. What such code does to KVM's registers is by its own rules.
 */
export const unknownVendorsByFile = memoizeByIdentity((graph: CallGraph) =>
  memoizeByIdentity((known: readonly Backend[]): ReadonlyMap<string, string> => {
    const vendors = vendorsByFile(graph)(known);
    const ofTables = unknownTables(known, graph).flatMap(({ name, table: { file } }) =>
      vendors.has(file) ? [] : [[file, name] as const],
    );
    const modules = ofTables.flatMap(([file, name]) => (isInModule(file) ? [[folderOf(file), name] as const] : []));
    const byFolder = new Map(modules);
    const beside = graph.nodes.flatMap(({ file }) => {
      const name = byFolder.get(folderOf(file));
      return name === undefined || vendors.has(file) ? [] : [[file, name] as const];
    });
    return new Map([...beside, ...ofTables]);
  }),
);

/** Whether a file is in a folder below KVM's own */
function isInModule(file: string): boolean {
  return file.startsWith(`${KVM_FOLDER}/`) && folderOf(file) !== KVM_FOLDER;
}
