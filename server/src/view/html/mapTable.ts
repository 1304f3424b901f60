import { registerNames } from '../../syntax/x86/registerNames.js';
import type { MapCell, MapView, OwnerCase, RegisterRow } from '../mapView.js';
import { html, NO_MARKUP, type Markup } from './markup.js';
import { shapeMark, SYNCS } from './syncMark.js';

/** The map as a table: a body for each group of registers, a row for each register, a column for each backend. */
export function mapTable({ backends, groups }: MapView): Markup {
  const heads = backends.map(({ name, title }) => html`<th scope="col" data-backend="${name}">${title}</th>`);
  const bodies = groups.map(
    ({ title, rows }) =>
      html`<tbody>
        <tr class="group">
          <th scope="rowgroup" colspan="${backends.length + 1}">${title}</th>
        </tr>
        ${sharedRows(rows).map(tableRow)}
      </tbody>`,
  );
  return html`<table id="map" class="map">
    <caption>
      Where each guest register is while the guest runs, by backend
    </caption>
    <thead>
      <tr>
        <th scope="col">Register</th>
        ${heads}
      </tr>
    </thead>
    ${bodies}
  </table>`;
}

/** Registers that share a row: one, or several that nothing moves and of which the same is known. */
interface SharedRow {
  readonly first: RegisterRow;
  readonly names: readonly string[];
}

function sharedRows(rows: readonly RegisterRow[]): SharedRow[] {
  const shared: SharedRow[] = [];
  for (const row of rows) {
    const last = shared.at(-1);
    if (last && isUnmoved(row) && isUnmoved(last.first) && cellsKey(row) === cellsKey(last.first))
      shared[shared.length - 1] = { ...last, names: [...last.names, row.register] };
    else shared.push({ first: row, names: [row.register] });
  }
  return shared;
}

function isUnmoved({ member, cells }: RegisterRow): boolean {
  return (
    member === null && cells.every(({ cases }) => cases.every(({ load, store }) => load.length + store.length === 0))
  );
}

/** What is said of a register, but for its name. */
function cellsKey({ register, cells }: RegisterRow): string {
  return JSON.stringify(cells).replaceAll(/\w+/g, (word) => (word === register ? '' : word));
}

function tableRow({ first, names }: SharedRow): Markup {
  const { register, member, storage, aliases, cells } = first;
  const told = [member ?? '', storage ?? '', ...aliases].filter((text) => text !== '');
  return html`<tr data-register="${register}" data-find="${[...names, ...told].join(' ').toLowerCase()}">
    <th scope="row"><a href="#${register}" class="name">${registerNames(names)}</a></th>
    ${cells.map((cell) => tableCell(register, cell))}
  </tr>`;
}

function tableCell(register: string, cell: MapCell): Markup {
  const [usual] = cell.cases;
  if (!usual) return html`<td data-backend="${cell.backend}"></td>`;
  const id = `${register}-${cell.backend}`;
  const others = cell.cases.slice(1).map((other) => html`<span class="why-case">${caseText(other)}</span>`);
  return html`<td data-backend="${cell.backend}" data-sync="${usual.sync}">
    <a class="cell" href="#${id}" aria-describedby="why-${id}"
      ><span class="kept">${shapeMark(SYNCS[usual.sync].shape)}<span class="word">${usual.sync}</span></span
      >${whereMark(usual)}${tags(cell)}</a
    ><span class="why" role="tooltip" id="why-${id}"><span class="why-case">${caseText(usual)}</span>${others}</span>
  </td>`;
}

function whereMark({ where }: OwnerCase): Markup {
  return where === '' ? NO_MARKUP : html` <code class="where">${where}</code>`;
}

/** What a cell's word alone would hide: a condition, something that is not known, something that is missing. */
function tags({ cases }: MapCell): Markup[] {
  const [usual] = cases;
  const isHalfKnown =
    usual?.sync !== 'unknown' && cases.some(({ unknown }) => unknown.load.length + unknown.store.length > 0);
  return [
    ...(usual?.isConditional ? [html` <span class="tag">conditional</span>`] : []),
    ...(isHalfKnown ? [html` <span class="tag open">one way not known</span>`] : []),
    ...(cases.some(({ missing }) => missing.length > 0) ? [html` <span class="tag open">incomplete</span>`] : []),
  ];
}

function caseText({ when, summary }: OwnerCase): Markup {
  return when === null ? html`${summary}` : html`If <code>${when}</code>: ${summary}`;
}
