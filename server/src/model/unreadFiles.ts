import { isWhileRunning, type Reason, type Sync } from '../backends/owner.js';
import type { Backend } from '../backends/backend.js';
import type { CallGraph } from './callGraph.js';
import { isKept } from './egpr/egprRegister.js';
import type { ModelProblem } from './modelProblem.js';
import type { Register, RegisterOwner } from './registerModel.js';
import type { TreeBackend } from './treeBackends.js';
import { vendorsByFile } from './vendorFiles.js';
import type { XsaveModel } from './xsave/xsaveModel.js';
import { useOf } from './xsave/componentUse.js';

/*
 * What files that could not be read leave open. What is found in the others is so all the same; what rests on that nothing was
 * found is not known, because the rest may be in what was not read.
 */

/** Why files that could not be read at all leave something open. */
export function unreadFileReasons(unread: readonly ModelProblem[]): Reason[] {
  return unread.flatMap(({ file, line, message }) =>
    line === null ? [{ file, line, what: 'the text', why: `is not read: ${message}` }] : [],
  );
}

/** What says which files matter to a backend. */
interface VendorFiles {
  readonly graph: CallGraph;
  readonly known: readonly Backend[];
  readonly backends: readonly TreeBackend[];
}

/** Registers with what unread files leave open of their owners. */
export function withUnreadFiles(
  registers: readonly Register[],
  reasons: readonly Reason[],
  files: VendorFiles,
): readonly Register[] {
  if (reasons.length === 0) return registers;
  const own = new Map(files.backends.map((backend) => [backend.name, reasonsFor(backend, reasons, files)]));
  return registers.map((register) => ({
    ...register,
    owners: register.owners.map((owner) => withReasons(register, owner, own.get(owner.backend) ?? reasons)),
  }));
}

/** Ways to keep a register that are told by what is not there: no copy, no load, no protocol. */
const BY_ABSENCE: ReadonlySet<Sync> = new Set(['none', 'direct', 'intercepted', 'protected']);

function withReasons({ egpr }: Register, owner: RegisterOwner, reasons: readonly Reason[]): RegisterOwner {
  if (reasons.length === 0) return owner;
  const { sync, load, store, unknown } = owner;
  const isMovedUnseen = sync === 'eager' && !load.some(isWhileRunning);
  if (BY_ABSENCE.has(sync) || isMovedUnseen || (egpr && !isKept(egpr)))
    return {
      ...owner,
      sync: 'unknown',
      missing: [],
      unknown: { load: [...unknown.load, ...reasons], store: [...unknown.store, ...reasons] },
    };
  return {
    ...owner,
    missing: [],
    unknown: {
      load: load.some(isWhileRunning) ? unknown.load : [...unknown.load, ...reasons],
      store: store.some(isWhileRunning) ? unknown.store : [...unknown.store, ...reasons],
    },
  };
}

/** The reasons that concern a backend: of files that are not in a directory of another vendor's. */
function reasonsFor({ definition }: TreeBackend, reasons: readonly Reason[], { graph, known }: VendorFiles): Reason[] {
  if (!definition) return [...reasons];
  const vendors = [...vendorsByFile(graph)(known)];
  return reasons.filter(({ file }) => {
    const siblings = vendors.filter(([path]) => directoryOf(path) === directoryOf(file));
    return siblings.length === 0 || siblings.some(([, vendor]) => vendor === definition.vendor);
  });
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** XSAVE state with what unread files leave open: what guests may enable, and what moves components of which no load is found. */
export function withUnreadXsave(xsave: XsaveModel, reasons: readonly Reason[]): XsaveModel {
  if (reasons.length === 0) return xsave;
  const components = xsave.components.map((component) => ({
    ...component,
    supported: 'unknown' as const,
    supportedBy: component.supportedBy.map(({ vendor }) => ({ vendor, supported: 'unknown' as const })),
    fpu: component.fpu.support === 'none' ? { ...component.fpu, support: 'unknown' as const } : component.fpu,
    unknown: useOf(xsave, component).loads.length > 0 ? component.unknown : [...component.unknown, ...reasons],
  }));
  return { ...xsave, components };
}
