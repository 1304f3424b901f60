import { isWhileRunning } from '../backends/owner.js';
import { lineEvidence } from '../explain/evidence.js';
import { wordsOf } from '../explain/words.js';
import type { Phase } from '../backends/phase.js';
import { fileOffset, nameSpan, offsetIn, type GraphNode } from '../model/callGraph.js';
import { entryInstructions } from '../model/query/assembly.js';
import { saveAreaOf } from '../model/query/backends.js';
import { dirtyResetsIn } from '../model/query/bitmaps.js';
import { architecturalName } from '../model/query/registers.js';
import { entryNodes, entryOffset, handlingCalls, orderIn, runPaths } from '../model/query/runPaths.js';
import { setUses, type SetUse } from '../model/query/sets.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { TreeBackend } from '../model/treeBackends.js';
import { callsIn, isAroundRun, placesOf, positionOf, runConditions, type OrderedStep } from './runStep.js';
import type { PlaceView } from './transferView.js';

/** VM-entry and VM-exit, with the registers that hardware always loads from the save area and saves there itself. */
export function entrySteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  const area = saveAreaOf(model, backend.name);
  const registers = model.registers.flatMap(({ register, class: kind, owners }) => {
    const own = owners.filter((owner) => owner.backend === backend.name);
    const isKept = own.some(({ place, when }) => place.kind === area && when === null);
    return isKept && kind !== 'exit-info' ? [register] : [];
  });
  const saved = area === null ? null : wholePlace(model, area);
  const hardware = saved && wholePlace(model, 'hardware');
  return entryNodes(model, backend).flatMap((node) => {
    const offset = entryOffset(model, node);
    const shared = {
      ...lineEvidence(model, node.file, fileOffset(node, offset)),
      part: 'guest' as const,
      function: node.name,
      conditions: [],
      registers,
    };
    return runPaths(model, backend, { node, offset, phase: 'other' }).flatMap(({ calls, order }): OrderedStep[] => [
      {
        ...shared,
        kind: 'enter',
        what: (node.asm ? entryInstructions(node.asm).join(' or ') : '') || node.name,
        from: saved,
        to: hardware,
        calls: callsIn(model, calls),
        order,
      },
      {
        ...shared,
        kind: 'exit',
        what: backend.definition?.entry.exitTitle ?? 'VM-exit',
        from: hardware,
        to: saved,
        calls: callsIn(model, calls),
        order: [...order, 0],
      },
    ]);
  });
}

/** All of a kind of place. */
function wholePlace(model: RegisterModel, kind: string): PlaceView {
  const { title } = wordsOf(model).place(kind);
  return { kind, title, name: title, block: '' };
}

/** Where the cache forgets many registers at once, and where it is said that none is dirty. */
export function bitmapSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return [...forgettingSteps(model, backend), ...cleaningSteps(model, backend)];
}

function forgettingSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return setUses(model).flatMap((use) =>
    placedSteps(model, backend, { fn: use.fn, offset: offsetIn(use.fn, use.span.start) }).map((placed) => ({
      ...placed,
      kind: 'invalidate' as const,
      what: use.set?.name ?? '',
      registers: forgotten(model, use),
    })),
  );
}

/** A step at a place in a function, on each way of a run to it, on either side of VM-entry. */
function placedSteps(
  model: RegisterModel,
  backend: TreeBackend,
  { fn, offset }: { readonly fn: GraphNode; readonly offset: number },
) {
  if (!isAroundRun(model.phases.at(fn, offset))) return [];
  return SIDES.flatMap((phase) =>
    runPaths(model, backend, { node: fn, offset, phase }).map((path) => ({
      ...positionOf(model, path, phase),
      ...lineEvidence(model, fn.file, fileOffset(fn, offset)),
      from: null,
      to: null,
      function: fn.name,
      conditions: [],
    })),
  );
}

const SIDES: readonly Phase[] = ['vm-entry', 'vm-exit'];

/** The registers that are not available any more; none where the mask is not known. */
function forgotten(model: RegisterModel, { members, cleared }: SetUse): string[] {
  if (members === null) return [];
  const named = new Set(members.map((member) => architecturalName(model, member)));
  if (cleared === 'members') return [...named];
  return model.registers.flatMap(({ register, member }) => (member && !named.has(register) ? [register] : []));
}

function cleaningSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return dirtyResetsIn(model).flatMap(({ fn, change }) =>
    placedSteps(model, backend, { fn, offset: change.offset }).map((placed) => ({
      ...placed,
      kind: 'clean' as const,
      what: fn.name,
      registers: [],
      conditions: runConditions(backend, change.guards),
    })),
  );
}

/** The call by which the exit is handled, and the backend's own handler. */
export function handlerSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return handlingCalls(model, backend).flatMap(({ call, handlers }) =>
    handlers.map((handler): OrderedStep => ({
      ...lineEvidence(model, handler.file, nameSpan(handler).start),
      part: 'handling the exit',
      kind: 'handle',
      from: null,
      to: null,
      what: handler.name,
      function: handler.name,
      conditions: [],
      calls: callsIn(model, [call]),
      registers: [],
      order: [orderIn(call.caller, call.offset), -1],
    })),
  );
}

/** Registers that stay where hardware keeps them until something reads them: what fetches each. */
export function fetchSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return model.registers.flatMap(({ register, owners }) =>
    owners
      .filter((owner) => owner.backend === backend.name)
      .flatMap(({ load }) => load.filter((transfer) => isWhileRunning(transfer) && transfer.phase === 'on-demand'))
      .map((transfer): OrderedStep => ({
        ...placesOf(model, transfer),
        part: 'handling the exit',
        kind: 'fetch',
        file: transfer.file,
        line: transfer.line,
        what: transfer.function,
        function: transfer.function,
        conditions: [],
        calls: [],
        registers: [register],
        order: [],
      })),
  );
}
