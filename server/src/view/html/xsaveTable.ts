import type { RegisterModel } from '../../model/registerModel.js';
import { backendTitle } from '../../model/query/backends.js';
import type { XsaveRow } from '../xsaveRows.js';
import { evidenceLink, type LinkOf } from './evidenceLink.js';
import { html, NO_MARKUP, type Markup } from './markup.js';
import { shapeMark, SUPPORTS } from './syncMark.js';

/** The XSAVE components: what each holds, whether guests may enable it, by which functions it is moved. Nothing for a tree without any. */
export function xsaveTable(model: RegisterModel, rows: readonly XsaveRow[], linkOf: LinkOf): Markup {
  if (rows.length === 0) return NO_MARKUP;
  const vendors = [...new Set(rows.flatMap(({ byVendor }) => byVendor.map(({ vendor }) => vendor)))];
  const heads = vendors.map((vendor) => html`<th scope="col">Guests on ${backendTitle(model, vendor)}</th>`);
  const body = rows.map((row) => componentRow(row, vendors, linkOf));
  return html`<section class="xsave" id="xsave" aria-labelledby="xsave-title">
    <h2 id="xsave-title">XSAVE components</h2>
    <table class="map">
      <caption>
        Whether KVM lets guests enable each component, and what moves it
      </caption>
      <thead>
        <tr>
          <th scope="col">Component</th>
          <th scope="col">Holds</th>
          ${heads}
          <th scope="col">Decided at</th>
          <th scope="col">Loaded, saved by</th>
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </section>`;
}

function componentRow(row: XsaveRow, vendors: readonly string[], linkOf: LinkOf): Markup {
  const { name, number, holds, declared, gate, load, store, unknown } = row;
  const cells = vendors.map((vendor) => {
    const supported = row.byVendor.find((own) => own.vendor === vendor)?.supported ?? row.supported;
    const { word, shape } = SUPPORTS[supported];
    return html`<td data-support="${supported}">${shapeMark(shape)}<span class="word">${word}</span></td>`;
  });
  const movers = new Map([...load, ...store].map((transfer) => [transfer.function, transfer]));
  const moved = [...movers.values()].map(
    (transfer) => html`<span class="mover"><code>${transfer.function}</code> ${evidenceLink(linkOf, transfer)}</span> `,
  );
  return html`<tr data-find="${`${name} ${holds ?? ''} xsave`.toLowerCase()}">
    <th scope="row">${number ?? '?'} ${name} ${evidenceLink(linkOf, declared)}</th>
    <td>${holds ?? 'not known'}</td>
    ${cells}
    <td>${gate ? evidenceLink(linkOf, gate) : '–'}</td>
    <td>${unknown.length > 0 ? unknown.join('; ') : moved}</td>
  </tr>`;
}
