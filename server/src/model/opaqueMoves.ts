import { UNKNOWN_PLACE, type Place, type PlaceKind } from '../backends/place.js';
import type { Reason, Unknowns } from '../backends/owner.js';
import type { Phase } from '../backends/phase.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { isCacheSlot } from '../facts/registers/copies.js';
import type { OpaqueMove } from '../facts/registers/opaqueMoves.js';
import type { RegisterMember } from '../facts/registers/registerMember.js';
import { tokenize } from '../syntax/text/tokens.js';
import { argumentsGiven, fileOffset, type GraphNode } from './callGraph.js';
import { callersByDistance, FARTHEST, type CallerStep } from './callWalk.js';
import { holdsRegister, type OwnerInputs } from './ownerInputs.js';
import type { LocatedTransfer } from './registerTransfers.js';
import type { TreeBackend } from './treeBackends.js';
import { vendorsByFile } from './vendorFiles.js';

/** Moments at which what goes to hardware is what the guest runs with, and at which what comes from there is what it left. */
const STORING: ReadonlySet<Phase> = new Set(['vm-entry']);
const LOADING: ReadonlySet<Phase> = new Set(['vm-exit', 'on-demand']);

/** The places between which a register's moves are looked for. */
interface Sought {
  readonly member: RegisterMember;
  readonly kind: PlaceKind;
}

/**
 * Code around a backend's VM-entry, or that fetches registers, which may move a register between its cache and a kind of place
 * though it does not tell so.
 */
export function opaqueMovesOf(
  inputs: OwnerInputs,
  member: RegisterMember,
  { definition }: TreeBackend,
  kind: PlaceKind,
): Unknowns {
  const vendors = vendorsByFile(inputs.graph)(inputs.symbols.backends);
  const isOwn = ({ node }: { readonly node: GraphNode }) =>
    vendors.get(node.file) === definition?.vendor && isNear(inputs)(node);
  const moves = placedMoves(inputs).filter((move) => mayBeOf(inputs, move, { member, kind }) && isOwn(move));
  const slots = member.class === 'gpr' ? anySlotMoves(inputs).filter(isOwn) : [];
  const isFieldOf = ({ to }: LocatedTransfer) => to !== null && holdsRegister(inputs, to, member.register);
  const [results, given] = [
    inputs.to('cache').filter((t) => t.to?.register === member.name && isResult(inputs, t) && isOwn(t)),
    inputs.to(kind).filter((t) => isFieldOf(t) && isResult(inputs, t) && isOwn(t)),
  ];
  return {
    load: [
      ...moves
        .filter(({ phase, move }) => LOADING.has(phase) && move.access !== 'write')
        .map((m) => reasonOf(inputs, m)),
      ...slots.filter(({ phase, to }) => LOADING.has(phase) && isAnySlot(to)).map(slotReason),
      ...results.filter(({ phase }) => LOADING.has(phase)).map(resultReason),
    ],
    store: [
      ...moves
        .filter(({ phase, move }) => STORING.has(phase) && move.access !== 'read')
        .map((m) => reasonOf(inputs, m)),
      ...slots.filter(({ phase, to }) => STORING.has(phase) && !isAnySlot(to)).map(slotReason),
      ...given.filter(({ phase }) => STORING.has(phase)).map(resultReason),
    ],
  };
}

/** Whether a function fetches registers, or is on the way to VM-entry, or is called there by its vendor's own code. */
const isNear = memoizeByIdentity(({ phases, graph, symbols }: OwnerInputs) => {
  const vendors = vendorsByFile(graph)(symbols.backends);
  const isStart = (fn: GraphNode) => phases.entryPath.has(fn) || phases.cacheCallbacks.includes(fn);
  return memoizeByIdentity((node: GraphNode): boolean => {
    if (isStart(node)) return true;
    const isOwnCall = ({ node: caller, call }: CallerStep) =>
      vendors.get(caller.file) === vendors.get(node.file) && call.operation === null;
    const walk = { most: FARTHEST.helperToEntryPath, goesOn: isOwnCall };
    for (const steps of callersByDistance(graph, node, walk))
      if (steps.some((step) => isOwnCall(step) && isStart(step.node))) return true;
    return false;
  });
});

/** An access that does not tell what it moves, with where it stands and when that runs. */
interface PlacedMove {
  readonly node: GraphNode;
  readonly move: OpaqueMove;
  readonly phase: Phase;
}

const placedMoves = memoizeByIdentity(({ graph, phases }: OwnerInputs): readonly PlacedMove[] =>
  graph.tellingNodes.flatMap((node) =>
    (node.c?.opaqueMoves ?? []).map((move) => ({ node, move, phase: phases.at(node, move.offset) })),
  ),
);

const anySlotMoves = memoizeByIdentity(({ ofCopies }: OwnerInputs) =>
  ofCopies.filter(({ from, to }) => isAnySlot(from) || isAnySlot(to)),
);

/** Whether what is written is made by a call of a function of which it is not known that it reads or writes a register. */
function isResult({ symbols }: OwnerInputs, { from, other }: LocatedTransfer): boolean {
  const isKnown = (name: string) =>
    symbols.accessors.has(name) || symbols.indexed.has(name) || symbols.wrappers.has(name);
  const tokens = from === null ? tokenize(other) : [];
  return tokens.some(({ kind, text }, i) => kind === 'word' && tokens[i + 1]?.text === '(' && !isKnown(text));
}

/** A slot of the cache whose number only run time knows. */
function isAnySlot(place: Place | null): boolean {
  return place !== null && place.register === null && isCacheSlot(place);
}

function mayBeOf(inputs: OwnerInputs, { node, move }: PlacedMove, { member, kind }: Sought): boolean {
  const { place, parameter, text } = move;
  if (move.kind === 'cache') return place?.register === member.name;
  if (move.kind !== kind && move.kind !== UNKNOWN_PLACE) return false;
  if (place) return holdsRegister(inputs, { ...place, kind }, member.register);
  const fields = parameter === null ? [text] : argumentsGiven(inputs.graph, node, parameter);
  return fields.some((field) => mayName(inputs, field, { member, kind }));
}

/** Whether what is written for a field may be a register's: it is that register's, or no register is known to have it. */
function mayName(inputs: OwnerInputs, field: string, { member, kind }: Sought): boolean {
  const holds = ({ register }: RegisterMember) =>
    holdsRegister(inputs, { kind, name: field, register: null }, register);
  if (holds(member)) return true;
  return !/^[A-Z]/.test(field) && !inputs.symbols.registers.members.some(holds);
}

function reasonOf({ lineOf }: OwnerInputs, { node, move: { form, offset, text, parameter } }: PlacedMove): Reason {
  const what = parameter === null ? text : `the field ${text}`;
  return { file: node.file, line: lineOf(node.file, fileOffset(node, offset)), what, why: WHY[form] };
}

const WHY: Readonly<Record<OpaqueMove['form'], string>> = {
  field: 'may be of any register',
  address: 'is handed on, and what moves it then is not followed',
  member: 'may be of any register',
  slot: 'is of an array that the function is given: whose, is not followed',
};

function slotReason({ file, line, from, to }: LocatedTransfer): Reason {
  const what = (isAnySlot(to) ? to : from)?.name ?? '';
  return { file, line, what, why: 'may be the slot of any register' };
}

function resultReason({ file, line, other }: LocatedTransfer): Reason {
  return { file, line, what: other, why: 'may be its value, which is not followed' };
}
