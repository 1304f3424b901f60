import { evidenceText } from '../explain/explanation.js';
import {
  edgeEvidence,
  edgeLines,
  type NodeSide,
  type PlaceNode,
  type ProvenanceGraph,
  type TransferEdge,
} from './provenance.js';

/** How the sides are titled. */
export const SIDE_TITLES: Readonly<Record<NodeSide, string>> = {
  before: 'before VM-entry',
  running: 'while the guest runs',
  after: 'after VM-exit',
};

const SIDES: readonly NodeSide[] = ['before', 'running', 'after'];

/** Graphs as one in DOT (graphviz.org, "The DOT Language"): a cluster for each backend, in it one for each side. */
export function dotText(graphs: readonly ProvenanceGraph[], titleOf: (backend: string) => string): string {
  const body = graphs.flatMap((graph, i) => [
    `  subgraph cluster_${String(i)} {`,
    `    label=${dotString(`${graph.register} on ${titleOf(graph.backend)}`)};`,
    ...SIDES.flatMap((side) => dotSide(graph, side, i)),
    '  }',
    ...graph.edges.map((edge) => dotEdge(edge, i)),
  ]);
  return ['digraph provenance {', '  rankdir=LR;', '  node [shape=box];', ...body, '}', ''].join('\n');
}

function dotSide(graph: ProvenanceGraph, side: NodeSide, i: number): string[] {
  const nodes = graph.nodes.filter((node) => node.side === side);
  if (nodes.length === 0) return [];
  return [
    `    subgraph cluster_${String(i)}_${side} {`,
    `      label=${dotString(SIDE_TITLES[side])};`,
    ...nodes.map(
      (node) =>
        `      ${dotString(`${String(i)} ${node.id}`)} [label=${dotString(nodeText(node).join('\n'))}${node.isUnknown ? ', style=dashed' : ''}];`,
    ),
    '    }',
  ];
}

function dotEdge(edge: TransferEdge, i: number): string {
  const label = dotString(labelOf(edge).join('\n'));
  const style = edge.unknown ? ', style=dashed' : '';
  return `  ${dotString(`${String(i)} ${edge.from}`)} -> ${dotString(`${String(i)} ${edge.to}`)} [label=${label}${style}];`;
}

/** A quoted string: a quote and a backslash are escaped, a line's end is `\n`. */
function dotString(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

/** Graphs as one Mermaid flowchart (mermaid.js.org, "Flowcharts"), which GitHub and GitLab draw in Markdown. */
export function mermaidText(graphs: readonly ProvenanceGraph[], titleOf: (backend: string) => string): string {
  const body = graphs.flatMap((graph, i) => {
    const ids = new Map(graph.nodes.map((node, n) => [node.id, `n${String(i)}_${String(n)}`]));
    return [
      `  subgraph b${String(i)}["${mermaidString(`${graph.register} on ${titleOf(graph.backend)}`)}"]`,
      ...SIDES.flatMap((side) => mermaidSide(graph, side, ids, i)),
      '  end',
      ...graph.edges.map((edge) => mermaidEdge(edge, ids)),
    ];
  });
  return ['flowchart LR', ...body, ''].join('\n');
}

function mermaidSide(graph: ProvenanceGraph, side: NodeSide, ids: ReadonlyMap<string, string>, i: number): string[] {
  const nodes = graph.nodes.filter((node) => node.side === side);
  if (nodes.length === 0) return [];
  return [
    `    subgraph b${String(i)}_${side}["${SIDE_TITLES[side]}"]`,
    ...nodes.map((node) => `      ${ids.get(node.id) ?? ''}["${nodeText(node).map(mermaidString).join('<br>')}"]`),
    '    end',
  ];
}

function mermaidEdge(edge: TransferEdge, ids: ReadonlyMap<string, string>): string {
  const arrow = edge.unknown ? '-.->' : '-->';
  return `  ${ids.get(edge.from) ?? ''} ${arrow}|"${labelOf(edge).map(mermaidString).join('<br>')}"| ${ids.get(edge.to) ?? ''}`;
}

/** Text in one line; quotes and what Mermaid, or the HTML that it makes, would read as its own are written as entities. */
function mermaidString(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[&<>"#`]/g, (char) => `#${String(char.charCodeAt(0))};`);
}

function nodeText({ title, names }: PlaceNode): string[] {
  return [title, ...shownNames(names)];
}

function labelOf(edge: TransferEdge): string[] {
  const evidence = edgeEvidence(edge);
  const others = edge.transfers.length - 1;
  const at = evidence ? [`${evidenceText(evidence)}${others > 0 ? ` and ${String(others)} more` : ''}`] : [];
  return [...edgeLines(edge), ...at];
}

/** Names that a node has room for. */
const MOST_NAMES = 4;

/** The first names of a node, and how many more there are. */
export function shownNames(names: readonly string[]): string[] {
  if (names.length <= MOST_NAMES) return [...names];
  return [...names.slice(0, MOST_NAMES - 1), `and ${String(names.length - MOST_NAMES + 1)} more`];
}
