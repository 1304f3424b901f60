import type { Evidence } from '../explain/explanation.js';
import { groupBy } from '../model/groupBy.js';
import type { MapCell, OwnerCase, UnknownReason } from './mapView.js';
import type { PlaceView, TransferView } from './transferView.js';

/**
 * Where a node stands: a place that registers come from before VM-entry, where the guest runs with them, or where they go after
 * VM-exit. A place that is both before and after, such as the register cache, is two nodes, so that the two ways stay apart.
 */
export type NodeSide = 'before' | 'running' | 'after';

/** A place in a provenance graph. */
export interface PlaceNode {
  readonly id: string;
  readonly side: NodeSide;
  /** `VMCS`, `register cache`; `not known` for what was not understood. */
  readonly title: string;
  /** The fields or slots of that kind that take part. */
  readonly names: readonly string[];
  readonly isUnknown: boolean;
}

/** What one function moves between two places at one moment; or what is not known to be moved. */
export interface TransferEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Which way: what empties the register cache goes towards VM-entry, what fills it comes from VM-exit. */
  readonly side: 'entry' | 'exit';
  readonly function: string;
  /** `after VM-exit`, `on demand`. */
  readonly moment: string;
  /** The conditions that all of its transfers are under. */
  readonly conditions: readonly string[];
  /** At least one, the first as evidence; none for an unknown. */
  readonly transfers: readonly TransferView[];
  /** Why it is not known; null for what is. */
  readonly unknown: UnknownReason | null;
}

/** The way of a register's value for a backend. Plain data; its edges are the transfers of the register's owners, each once. */
export interface ProvenanceGraph {
  readonly register: string;
  readonly backend: string;
  readonly nodes: readonly PlaceNode[];
  readonly edges: readonly TransferEdge[];
}

/** The graph of a register's cell; without edges where nothing moves it. */
export function provenanceGraph(register: string, { backend, cases }: MapCell): ProvenanceGraph {
  const moves = cases.flatMap((owner) => [
    ...owner.store.map((transfer) => entryMove(transfer)),
    ...owner.load.map((transfer) => exitMove(transfer)),
    ...(cases.indexOf(owner) === 0 ? unknownMoves(owner) : []),
  ]);
  const nodes = groupBy([...moves.flatMap(({ from, to }) => [from, to]), ...resting(cases, moves)], ({ id }) => id);
  const edges = groupBy(distinct(moves), ({ from, to, transfer, unknown }) =>
    [from.id, to.id, transfer?.function, transfer?.moment, unknown?.text].join('\n'),
  );
  return {
    register,
    backend,
    nodes: [...nodes.values()].flatMap(mergedNode),
    edges: [...edges.values()].flatMap((all, i) => mergedEdge(`${backend}-${register}-${String(i)}`, all)),
  };
}

/** One way between two places, before those of one function are drawn as one. */
interface Move {
  readonly from: PlaceNode;
  readonly to: PlaceNode;
  readonly side: TransferEdge['side'];
  readonly transfer: TransferView | null;
  readonly unknown: UnknownReason | null;
}

function entryMove(transfer: TransferView): Move {
  const { from, to, other, function: fn } = transfer;
  return {
    from: from ? placeNode('before', from) : valueNode('before', other),
    to: to ? placeNode('running', to) : callerNode('running', fn),
    side: 'entry',
    transfer,
    unknown: null,
  };
}

function exitMove(transfer: TransferView): Move {
  const { from, to, other, function: fn } = transfer;
  return {
    from: from ? placeNode('running', from) : valueNode('running', other),
    to: to ? placeNode('after', to) : callerNode('after', fn),
    side: 'exit',
    transfer,
    unknown: null,
  };
}

function unknownMoves({ place, unknown }: OwnerCase): Move[] {
  const kept = placeNode('running', place);
  const [load, store] = [unknown.load[0], unknown.store[0]];
  return [
    ...(store
      ? [{ from: unknownNode('before'), to: kept, side: 'entry' as const, transfer: null, unknown: store }]
      : []),
    ...(load ? [{ from: kept, to: unknownNode('after'), side: 'exit' as const, transfer: null, unknown: load }] : []),
  ];
}

/** The place of a register that nothing moves. */
function resting(cases: readonly OwnerCase[], moves: readonly Move[]): PlaceNode[] {
  const [usual] = cases;
  return usual && moves.length === 0 && usual.sync !== 'none' ? [placeNode('running', usual.place)] : [];
}

/** Fields of one kind of place, and of one control block where there are several, are one node. */
function placeNode(side: NodeSide, { kind, title, name, block }: PlaceView): PlaceNode {
  const [id, ofBlock] = block === '' ? [kind, title] : [`${kind} ${block}`, `${title} ${block}`];
  return { id: `${side} ${id}`, side, title: ofBlock, names: [name], isUnknown: false };
}

function valueNode(side: NodeSide, value: string): PlaceNode {
  return { id: `${side} value`, side, title: 'value', names: [value], isUnknown: false };
}

function callerNode(side: NodeSide, fn: string): PlaceNode {
  return { id: `${side} caller`, side, title: 'caller', names: [`of ${fn}`], isUnknown: false };
}

function unknownNode(side: NodeSide): PlaceNode {
  return { id: `${side} unknown`, side, title: 'not known', names: [], isUnknown: true };
}

function mergedNode(all: readonly PlaceNode[]): PlaceNode[] {
  const names = [...new Set(all.flatMap((node) => node.names))];
  return all.slice(0, 1).map((node) => ({ ...node, names }));
}

/** A transfer that owners under several conditions share is one. */
function distinct(moves: readonly Move[]): Move[] {
  const byPlace = new Map(moves.map((move) => [moveKey(move), move]));
  return [...byPlace.values()];
}

function moveKey({ from, to, transfer, unknown }: Move): string {
  if (!transfer) return `${from.id} ${to.id} ${unknown?.text ?? ''}`;
  return [transfer.file, transfer.line, transfer.column, from.names[0], to.names[0]].join(' ');
}

function mergedEdge(id: string, moves: readonly Move[]): TransferEdge[] {
  const transfers = moves.flatMap(({ transfer }) => transfer ?? []);
  const [first] = transfers;
  return moves.slice(0, 1).map(({ from, to, side, unknown }) => ({
    id,
    from: from.id,
    to: to.id,
    side,
    function: first?.function ?? '',
    moment: first?.moment ?? '',
    conditions: commonConditions(transfers),
    transfers,
    unknown,
  }));
}

function commonConditions(transfers: readonly TransferView[]): string[] {
  const [first, ...others] = transfers;
  return (first?.conditions ?? []).filter((text) => others.every(({ conditions }) => conditions.includes(text)));
}

/** Where an edge is shown: the first of its transfers, or what was not understood; null for an unknown of no place. */
export function edgeEvidence({ transfers, unknown }: TransferEdge): Evidence | null {
  const [first] = transfers;
  return first ? { file: first.file, line: first.line } : (unknown?.evidence ?? null);
}

/** What an edge says, in lines: the function, the moment, the condition. */
export function edgeLines({ function: fn, moment, conditions, unknown, transfers }: TransferEdge): string[] {
  if (unknown) return [unknown.text];
  const call = transfers[0]?.call;
  return [
    fn,
    moment,
    ...(call ? [`called by ${call.function}`] : []),
    ...(conditions.length > 0 ? [`if ${conditions.join(' && ')}`] : []),
  ];
}
