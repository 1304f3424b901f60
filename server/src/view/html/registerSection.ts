import type { BackendHead, MapCell, OwnerCase, RegisterRow, UnknownReason } from '../mapView.js';
import { provenanceGraph } from '../provenance.js';
import type { PlaceView, TransferView } from '../transferView.js';
import { evidenceLink, type LinkOf } from './evidenceLink.js';
import { html, NO_MARKUP, type Markup } from './markup.js';
import { provenanceSvg } from './provenanceSvg.js';
import { shapeMark, SYNCS } from './syncMark.js';

/** All of a register: for each backend its cases, its provenance graph, and each transfer with its conditions. */
export function registerSection(row: RegisterRow, backends: readonly BackendHead[], linkOf: LinkOf): Markup {
  const { register, member, storage, aliases, declared } = row;
  const facts = [
    ...(member === null ? [] : [html`<code>${member}</code>`]),
    ...aliases.map((alias) => html`also <code>${alias}</code>`),
    ...(storage === null ? [html`no storage in KVM`] : [html`kept in <code>${storage}</code>`]),
    ...(declared ? [html`declared ${evidenceLink(linkOf, declared)}`] : []),
  ];
  const articles = row.cells.map((cell) =>
    backendArticle(register, cell, backends.find(({ name }) => name === cell.backend)?.title ?? cell.backend, linkOf),
  );
  return html`<section class="register" id="${register}" aria-labelledby="title-${register}">
    <h2 id="title-${register}" tabindex="-1">${register}</h2>
    <p class="facts">${facts.map((fact) => html`<span>${fact}</span>`)}</p>
    ${articles}
  </section>`;
}

function backendArticle(register: string, cell: MapCell, title: string, linkOf: LinkOf): Markup {
  const graph = provenanceGraph(register, cell);
  const [usual] = cell.cases;
  const svg = provenanceSvg(graph, `Provenance of ${register} on ${title}`, linkOf);
  return html`<article
    id="${register}-${cell.backend}"
    data-backend="${cell.backend}"
    data-sync="${usual?.sync ?? 'none'}"
  >
    <h3>
      ${register} on ${title}
      ${usual ? html`<span class="sync">${shapeMark(SYNCS[usual.sync].shape)}${usual.sync}</span>` : NO_MARKUP}
    </h3>
    ${cell.cases.map((owner) => caseParagraph(owner, linkOf))}${graph.edges.length > 0 ? html`<div class="drawing">${svg}</div>` : NO_MARKUP}${transferList(cell.cases, linkOf)}
  </article>`;
}

function caseParagraph({ when, summary, missing }: OwnerCase, linkOf: LinkOf): Markup {
  const condition = when === null ? NO_MARKUP : html`If <code>${when}</code>: `;
  const lacks = missing.length === 0 ? NO_MARKUP : html` <span class="tag open">incomplete</span>`;
  return html`<p>${condition}${linked(summary, linkOf)}${lacks}</p>`;
}

/** A sentence whose places, `[x86.c:215]`, are links. */
function linked(sentence: string, linkOf: LinkOf): Markup {
  const pieces = sentence.split(/(\[[^[\]\s]+:\d+\])/);
  return html`${pieces.map((piece) => {
    const [, file, line] = /^\[(.+):(\d+)\]$/.exec(piece) ?? [];
    return file === undefined ? html`${piece}` : evidenceLink(linkOf, { file, line: Number(line) });
  })}`;
}

function transferList(cases: readonly OwnerCase[], linkOf: LinkOf): Markup {
  const items = cases.flatMap(({ load, store, unknown }) => [
    ...store.map((transfer) => transferItem('entry', transfer, linkOf)),
    ...unknown.store.map((reason) => unknownItem('entry', reason, linkOf)),
    ...load.map((transfer) => transferItem('exit', transfer, linkOf)),
    ...unknown.load.map((reason) => unknownItem('exit', reason, linkOf)),
  ]);
  if (items.length === 0) return NO_MARKUP;
  return html`<details class="transfers">
    <summary>${items.length === 1 ? '1 transfer' : `${String(items.length)} transfers`}</summary>
    <ol>
      ${items}
    </ol>
  </details>`;
}

function transferItem(side: string, transfer: TransferView, linkOf: LinkOf): Markup {
  const { from, to, other, function: fn, moment, guards } = transfer;
  const condition =
    guards.length === 0 ? NO_MARKUP : html`<span class="if">if <code>${guards.join(' && ')}</code></span>`;
  return html`<li class="${side}">
    <span class="way">${placeMark(from, other)} → ${placeMark(to, 'its caller')}</span>
    <span>${moment}, <code>${fn}</code> ${evidenceLink(linkOf, transfer)}</span>${condition}
  </li>`;
}

function placeMark(place: PlaceView | null, otherwise: string): Markup {
  return html`<code>${place ? `${place.block === '' ? '' : `${place.block} `}${place.name}` : otherwise}</code>`;
}

function unknownItem(side: string, { text, evidence }: UnknownReason, linkOf: LinkOf): Markup {
  return html`<li class="${side} open">
    <span class="way">not known</span> ${text} ${evidence ? evidenceLink(linkOf, evidence) : NO_MARKUP}
  </li>`;
}
