import { isOpen, type Reason } from '../backends/owner.js';
import type { Evidence } from '../explain/explanation.js';
import { reasonText } from '../explain/unknownWords.js';
import { entryNodes, isOfBackend, runBeginnings } from '../model/query/runPaths.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { TreeBackend } from '../model/treeBackends.js';
import type { RunStep } from './runStep.js';
import { runSteps } from './runSteps.js';

/** A backend's run, without its steps. */
export interface RunHead {
  readonly backend: string;
  readonly title: string;
  /** The functions in which it begins: `vcpu_enter_guest`. */
  readonly begins: readonly string[];
}

/** A run of a vCPU, from the function of common code that enters the guest to the handler of the exit. Plain data. */
export interface Timeline extends RunHead {
  /** In the order in which the code comes to them. */
  readonly steps: readonly RunStep[];
  /** What is not known of the backend's registers, so that steps may be missing. */
  readonly unknown: readonly TimelineUnknown[];
}

export interface TimelineUnknown {
  readonly registers: readonly string[];
  readonly text: string;
  readonly evidence: Evidence | null;
}

/** The run of each backend that the tree has, or of one. A backend whose VM-entry the tree does not show has no steps. */
export function timelines(model: RegisterModel, backend: string | null = null): Timeline[] {
  return model.backends
    .filter(({ name }) => backend === null || name === backend)
    .map((own) => ({ ...runHead(model, own), steps: runSteps(model, own), unknown: unknownsOf(model, own) }));
}

/** The same without the steps, which take by far the most time. */
export function runHeads(model: RegisterModel): RunHead[] {
  return model.backends.map((own) => runHead(model, own));
}

function runHead(model: RegisterModel, own: TreeBackend): RunHead {
  const begins = runBeginnings(model).flatMap((node) => (isOfBackend(model, own, node) ? [node.name] : []));
  return { backend: own.name, title: own.title, begins };
}

function unknownsOf(model: RegisterModel, backend: TreeBackend): TimelineUnknown[] {
  const open = new Map<string, { readonly reason: Reason; readonly names: string[] }>();
  for (const { register, owners } of model.registers)
    for (const owner of owners) {
      if (owner.backend !== backend.name || !isOpen(owner.unknown)) continue;
      for (const reason of [...owner.unknown.load, ...owner.unknown.store]) {
        const known = open.get(reasonText(reason)) ?? { reason, names: [] };
        if (!known.names.includes(register)) known.names.push(register);
        open.set(reasonText(reason), known);
      }
    }
  const registers = [...open].map(([text, { reason, names }]) => ({
    registers: names,
    text,
    evidence: reason.file === '' || reason.line === null ? null : { file: reason.file, line: reason.line },
  }));
  if (entryNodes(model, backend).length > 0) return registers;
  return [{ registers: [], text: 'no way to a VM-entry was found in this tree', evidence: null }, ...registers];
}
