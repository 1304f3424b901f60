import type { Phase } from '../backends/phase.js';
import type { Place } from '../backends/place.js';
import { lineEvidence } from '../explain/evidence.js';
import type { Evidence } from '../explain/explanation.js';
import { wordsOf } from '../explain/words.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { fileOffset, type CallEdge } from '../model/callGraph.js';
import { exitHandlingOffsets, type RunPath } from '../model/query/runPaths.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { TreeBackend } from '../model/treeBackends.js';
import { isTest, shownConjuncts, type Guard } from '../syntax/conditions/guard.js';
import { placeView, shownConditions, type PlaceView } from './transferView.js';

/** When in a run a step is. */
export type RunPart = 'before VM-entry' | 'guest' | 'after VM-exit' | 'handling the exit';

/** A step of a run: code that does something to registers, with where that is. Plain data. */
export interface RunStep extends Evidence {
  readonly part: RunPart;
  /**
   * `move`: between places. `enter`, `exit`: the instruction, and what hardware itself loads and saves. `invalidate`: the cache forgets
   * registers; `clean`: none is dirty any more. `handle`: the exit's handler. `fetch`: registers that are read when needed.
   */
  readonly kind: 'move' | 'enter' | 'exit' | 'invalidate' | 'clean' | 'handle' | 'fetch';
  /** The registers, or the state (`XCR0`); none for a step that is of none, and where they are not known. */
  readonly registers: readonly string[];
  /** null for a value that comes from no place, and for a step that moves nothing. */
  readonly from: PlaceView | null;
  readonly to: PlaceView | null;
  /** The function that does it; of `enter` and `exit` how that is called, of `invalidate` the set. */
  readonly what: string;
  readonly function: string;
  /** Those that tell a reader when it is done. */
  readonly conditions: readonly string[];
  /** Who calls the function, from the beginning of the run down. */
  readonly calls: readonly RunCall[];
}

/** Where a function calls the next one. */
export interface RunCall extends Evidence {
  readonly function: string;
}

/** A step with what it is sorted by: see {@link RunPath}. */
export interface OrderedStep extends RunStep {
  readonly order: readonly number[];
}

/** The places of a move in words. */
export function placesOf(
  model: RegisterModel,
  { from, to }: { readonly from: Place | null; readonly to: Place | null },
): Pick<RunStep, 'from' | 'to'> {
  const words = wordsOf(model);
  return { from: from && placeView(words, from), to: to && placeView(words, to) };
}

/** Where a path leads in a run, and by which calls. */
export function positionOf(
  model: RegisterModel,
  { calls, order }: RunPath,
  phase: Phase,
): Pick<OrderedStep, 'part' | 'calls' | 'order'> {
  return { part: partOf(model, order, phase), calls: callsIn(model, calls), order };
}

/** The part of a run that code of a phase is in. */
export function partOf(model: RegisterModel, order: readonly number[], phase: Phase): RunPart {
  if (phase === 'vm-entry') return 'before VM-entry';
  return handlingOffsets(model).has(order[0] ?? -1) ? 'handling the exit' : 'after VM-exit';
}

const handlingOffsets = memoizeByIdentity((model: RegisterModel) => new Set(exitHandlingOffsets(model)));

/** Calls with their lines. */
export function callsIn(model: RegisterModel, calls: readonly CallEdge[]): RunCall[] {
  return calls.map(({ caller, offset }) => ({
    ...lineEvidence(model, caller.file, fileOffset(caller, offset)),
    function: caller.name,
  }));
}

/** Code around VM-entry, as opposed to what is done on demand or at another time. */
export function isAroundRun(phase: Phase): boolean {
  return phase === 'vm-entry' || phase === 'vm-exit';
}

/**
 * The conditions of a step in words. Earlier exits say little of when code runs, but for a guest whose registers KVM cannot see: what
 * is moved for other guests only begins with one (`if (vcpu->arch.guest_state_protected) return`).
 */
export function runConditions({ definition }: TreeBackend, guards: readonly Guard[]): string[] {
  return definition?.hiddenIn ? shownConjuncts(guards.filter(isTest)) : shownConditions(guards);
}
