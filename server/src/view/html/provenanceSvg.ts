import { evidenceText } from '../../explain/explanation.js';
import { graphDrawing, HEAD, LINE, type DrawnEdge, type DrawnNode, type Point } from '../graphLayout.js';
import { edgeEvidence, type ProvenanceGraph } from '../provenance.js';
import { SIDE_TITLES } from '../provenanceText.js';
import type { LinkOf } from './evidenceLink.js';
import { html, NO_MARKUP, type Markup } from './markup.js';

/** A provenance graph drawn as SVG; `title` names it to a screen reader. Nothing for a graph without places. */
export function provenanceSvg(graph: ProvenanceGraph, title: string, linkOf: LinkOf): Markup {
  if (graph.nodes.length === 0) return NO_MARKUP;
  const { width, height, nodes, edges, columns } = graphDrawing(graph);
  const marker = `arrow-${graph.register}-${graph.backend}`;
  const heads = columns.map(
    ({ side, x }) => html`<text class="side" x="${rounded(x)}" y="${HEAD / 2}">${SIDE_TITLES[side]}</text>`,
  );
  return html`<svg
    class="graph"
    role="group"
    aria-label="${title}"
    viewBox="0 0 ${rounded(width)} ${rounded(height)}"
    width="${rounded(width)}"
    height="${rounded(height)}"
  >
    <defs>
      <marker
        id="${marker}"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="8"
        markerHeight="8"
        orient="auto-start-reverse"
      >
        <path d="M0 0l8 4-8 4z" />
      </marker>
    </defs>
    ${heads}${edges.map((edge) => edgeSvg(edge, marker, linkOf))}${nodes.map(nodeSvg)}
  </svg>`;
}

function nodeSvg({ node, lines, x, y, width, height }: DrawnNode): Markup {
  const corner = html`x="${rounded(x - width / 2)}" y="${rounded(y - height / 2)}" width="${rounded(width)}"
  height="${rounded(height)}"`;
  return html`<g class="node ${node.side}${node.isUnknown ? ' open' : ''}"
    ><rect ${corner} rx="4" /><text>${textLines(lines, { x, y })}</text></g
  >`;
}

function edgeSvg({ edge, lines, points, x, y, width, height }: DrawnEdge, marker: string, linkOf: LinkOf): Markup {
  const evidence = edgeEvidence(edge);
  const url = evidence && linkOf(evidence);
  const label = html`<rect
      class="plate"
      x="${rounded(x - width / 2)}"
      y="${rounded(y - height / 2)}"
      width="${rounded(width)}"
      height="${rounded(height)}"
    /><text>${textLines(lines, { x, y })}</text>`;
  const conditions = edge.conditions.length > 0 ? `, if ${edge.conditions.join(' && ')}` : '';
  const full =
    edge.unknown?.text ?? `${edge.function}, ${edge.moment}${conditions} ${evidence ? evidenceText(evidence) : ''}`;
  const told = html`<title>${full}</title>`;
  return html`<g class="edge ${edge.side}${edge.unknown ? ' open' : ''}"
    ><path
      d="${pathOf(points)}"
      marker-end="url(#${marker})"
    />${url === null ? html`<g class="label">${told}${label}</g>` : html`<a class="label" href="${url}">${told}${label}</a>`}</g
  >`;
}

/** Lines of text around a middle, the first one as a heading. */
function textLines(lines: readonly string[], { x, y }: Point): Markup[] {
  const first = y - ((lines.length - 1) * LINE) / 2;
  return lines.map(
    (line, i) =>
      html`<tspan class="${i === 0 ? 'first' : 'more'}" x="${rounded(x)}" y="${rounded(first + i * LINE)}"
        >${line}</tspan
      >`,
  );
}

/** A smooth way through points: a curve from the middle of each piece to that of the next. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const between = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1] ?? point;
    return `Q${pair(point)} ${pair({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  });
  return [`M${pair(first)}`, ...between, ...rest.slice(-1).map((last) => `L${pair(last)}`)].join('');
}

function pair({ x, y }: Point): string {
  return `${String(rounded(x))} ${String(rounded(y))}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
