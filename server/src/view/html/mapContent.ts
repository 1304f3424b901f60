import type { Sync } from '../../backends/owner.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { mapView, type MapView } from '../mapView.js';
import { runHeads, type Timeline } from '../timeline.js';
import type { LinkOf } from './evidenceLink.js';
import { mapTable } from './mapTable.js';
import { html, NO_MARKUP, type Markup } from './markup.js';
import { registerSection } from './registerSection.js';
import { runSection } from './runSection.js';
import { legend } from './syncMark.js';
import { xsaveTable } from './xsaveTable.js';

/** The parts of the register map's page that a tree decides. */
export interface MapContent {
  /** What a window is titled. */
  readonly title: string;
  /** The head with the filter, and the map, the XSAVE components and the runs. */
  readonly head: Markup;
  readonly body: Markup;
}

/** The content of the page of a tree's register map. `runs`: those whose steps it has from the beginning. */
export function mapContent(model: RegisterModel, runs: readonly Timeline[], linkOf: LinkOf): MapContent {
  const view = mapView(model);
  const kernel = view.kernel === null ? 'a kernel that does not state its version' : `Linux ${view.kernel}`;
  return {
    title: `KVM register map, ${kernel}`,
    head: headOf(view, kernel),
    body: html`${problemNote(view)}${legend(syncsOf(view))}${mapTable(view)}${xsaveTable(model, view.xsave, linkOf)}${runSection(runHeads(model), runs, linkOf)}`,
  };
}

/** The sections of all registers, for a page that asks nobody for more. */
export function allSections(model: RegisterModel, linkOf: LinkOf): Markup {
  const { groups, backends } = mapView(model);
  const rows = groups.flatMap((group) => group.rows);
  return html`${rows.map((row) => registerSection(row, backends, linkOf))}`;
}

function headOf({ backends, xsave }: MapView, kernel: string): Markup {
  const boxes = backends.map(
    ({ name, title }) => html`<label><input type="checkbox" name="backend" value="${name}" checked />${title}</label>`,
  );
  const links = [
    html`<a href="#map">Map</a>`,
    ...(xsave.length > 0 ? [html`<a href="#xsave">XSAVE</a>`] : []),
    html`<a href="#run">Run</a>`,
  ];
  return html`<div class="title">
      <h1>KVM register map</h1>
      <p>${kernel}</p>
      <nav aria-label="Parts of the page">${links}</nav>
    </div>
    <form role="search" class="tools">
      <label class="filter"
        >Filter <input type="search" id="filter" autocomplete="off" spellcheck="false" placeholder="RSP, lazy, GUEST_…"
      /></label>
      <fieldset>
        <legend>Backends</legend>
        ${boxes}
      </fieldset>
      <p id="count" role="status"></p>
    </form>`;
}

function problemNote({ problems }: MapView): Markup {
  if (problems === 0) return NO_MARKUP;
  const what = problems === 1 ? '1 problem' : `${String(problems)} problems`;
  return html`<p class="problems">
    ${what} while reading the tree, so that something may be missing: <code>kvm-regs map</code> lists them.
  </p>`;
}

function syncsOf({ groups }: MapView): ReadonlySet<Sync> {
  const cases = groups.flatMap(({ rows }) =>
    rows.flatMap(({ cells }) => cells.flatMap((cell) => cell.cases.slice(0, 1))),
  );
  return new Set(cases.map(({ sync }) => sync));
}
