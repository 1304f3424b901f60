import dagre from '@dagrejs/dagre';
import { edgeLines, type NodeSide, type PlaceNode, type ProvenanceGraph, type TransferEdge } from './provenance.js';
import { shownNames } from './provenanceText.js';
import { wrapped } from './wrapped.js';

/** A point of a drawing, in CSS pixels from its upper left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A node with its place in the drawing: its middle, and its size. */
export interface DrawnNode extends Point {
  readonly node: PlaceNode;
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
}

/** An edge with its way, and where the middle of its label is. */
export interface DrawnEdge extends Point {
  readonly edge: TransferEdge;
  readonly lines: readonly string[];
  readonly points: readonly Point[];
  readonly width: number;
  readonly height: number;
}

/** A graph laid out from left to right: before VM-entry, while the guest runs, after VM-exit. */
export interface GraphDrawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  /** Where the middle of each side that has nodes is, from the left. */
  readonly columns: readonly { readonly side: NodeSide; readonly x: number }[];
}

/** Of the fixed-width font that drawings are written in, at 12 px: a character's width and a line's height, in px. */
const CHARACTER = 7.25;
export const LINE = 16;

/** Space inside of a node, around the drawing, and above it for the columns' titles, in px. */
const PADDING = 12;
const MARGIN = 4;
export const HEAD = 30;

/** Space around a label, in px. */
const LABEL_PADDING = 4;

/** A node's least width, in px. */
const NARROWEST = 120;

/** Characters and lines that a label has room for. */
const LABEL = { characters: 34, lines: 5 };

/** Lays out a graph. The same graph is always laid out the same way. */
export function graphDrawing(graph: ProvenanceGraph): GraphDrawing {
  const laidOut = new dagre.graphlib.Graph({ multigraph: true });
  laidOut.setGraph({ rankdir: 'LR', nodesep: 28, edgesep: 18, ranksep: 36, marginx: MARGIN, marginy: MARGIN });
  laidOut.setDefaultEdgeLabel(() => ({}));
  const nodes = graph.nodes.map((node) => ({ node, ...nodeBox([node.title, ...shownNames(node.names)]) }));
  const edges = graph.edges.map((edge) => ({ edge, ...box(labelLines(edge), LABEL_PADDING) }));
  for (const { node, width, height } of nodes) laidOut.setNode(node.id, { width, height });
  for (const { edge, width, height } of edges)
    laidOut.setEdge(edge.from, edge.to, { width, height, labelpos: 'c' }, edge.id);
  keepColumns(laidOut, graph);
  dagre.layout(laidOut);
  const drawnNodes = nodes.map((drawn) => ({ ...drawn, ...below(laidOut.node(drawn.node.id)) }));
  const drawnEdges = edges.map((drawn) => {
    const { points } = laidOut.edge({ v: drawn.edge.from, w: drawn.edge.to, name: drawn.edge.id });
    return { ...drawn, ...below(middleOf(points)), points: points.map(below) };
  });
  const { width = 0, height = 0 } = laidOut.graph();
  return { width, height: height + HEAD, nodes: drawnNodes, edges: drawnEdges, columns: columnsOf(drawnNodes) };
}

/** Edges that are not drawn have a place without transfers on one side stand in the column of its side all the same. */
function keepColumns(laidOut: dagre.graphlib.Graph, { nodes, edges }: ProvenanceGraph): void {
  const idsOf = (side: NodeSide) => nodes.filter((node) => node.side === side).map(({ id }) => id);
  const isJoined = (from: string, to: string) => edges.some((edge) => edge.from === from && edge.to === to);
  for (const running of idsOf('running')) {
    for (const before of idsOf('before').filter((id) => !isJoined(id, running)))
      laidOut.setEdge(before, running, { weight: 0 });
    for (const after of idsOf('after').filter((id) => !isJoined(running, id)))
      laidOut.setEdge(running, after, { weight: 0 });
  }
}

function box(lines: readonly string[], padding = PADDING): { lines: readonly string[]; width: number; height: number } {
  const longest = Math.max(0, ...lines.map((line) => line.length));
  return { lines, width: Math.ceil(longest * CHARACTER) + 2 * padding, height: lines.length * LINE + padding };
}

/** A node is as wide as its column's title at the least. */
function nodeBox(lines: readonly string[]): ReturnType<typeof box> {
  const own = box(lines);
  return { ...own, width: Math.max(own.width, NARROWEST) };
}

function labelLines(edge: TransferEdge): string[] {
  return edgeLines(edge)
    .flatMap((line) => wrapped(line, LABEL.characters))
    .slice(0, LABEL.lines);
}

/** Where an edge's label is: its way has a point there, the middle one. */
function middleOf(points: readonly Point[]): Point {
  return points[(points.length - 1) / 2] ?? { x: 0, y: 0 };
}

/** A point below the columns' titles. */
function below({ x, y }: Point): Point {
  return { x, y: y + HEAD };
}

function columnsOf(nodes: readonly DrawnNode[]): GraphDrawing['columns'] {
  return (['before', 'running', 'after'] as const).flatMap((side) => {
    const xs = nodes.filter(({ node }) => node.side === side).map(({ x }) => x);
    return xs.length === 0 ? [] : [{ side, x: xs.reduce((sum, x) => sum + x, 0) / xs.length }];
  });
}
