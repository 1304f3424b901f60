import type { Backend } from '../backends/backend.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import type { CallGraph } from './callGraph.js';
import { groupBy } from './groupBy.js';

/** Where every tree keeps KVM's x86 code, each vendor's in a folder below since 5.0. */
export const KVM_FOLDER = 'arch/x86/kvm';

/** The path of the folder that a file is in. */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'));
}

/**
 * The backend whose vendor module each file's code is of, by the hardware's interface that it works on most: VMCS fields are
 * VMX's, the VMCB, VMSA and GHCB SVM's. Files of common code are not in it.
 */
export const vendorsByFile = memoizeByIdentity((graph: CallGraph) =>
  memoizeByIdentity((backends: readonly Backend[]): ReadonlyMap<string, string> => {
    const vendors = new Map(
      backends.flatMap(({ vendor, places }) => places.map(({ kind }) => [kind, vendor] as const)),
    );
    const worked = graph.tellingNodes.flatMap(({ file, c }) =>
      (c?.moves ?? []).flatMap(({ from, to }) => {
        const backend = vendors.get(from?.kind ?? '') ?? vendors.get(to?.kind ?? '');
        return backend === undefined ? [] : [{ file, backend }];
      }),
    );
    return mostByFile(worked);
  }),
);

/** For each file the backend that occurs most often with it, of several the first. */
export function mostByFile(
  occurrences: readonly { readonly file: string; readonly backend: string }[],
): ReadonlyMap<string, string> {
  const most = new Map<string, string>();
  for (const [file, own] of groupBy(occurrences, (at) => at.file)) {
    const byBackend = [...groupBy(own, ({ backend }) => backend)].sort(([, a], [, b]) => b.length - a.length);
    for (const [backend] of byBackend.slice(0, 1)) most.set(file, backend);
  }
  return most;
}
