import type { Sync } from '../../backends/owner.js';
import type { Support } from '../../model/xsave/xsaveModel.js';
import { html, type Markup } from './markup.js';

/** How a way to be kept is shown: its word, a shape of its own, and what it means. The style sheet has the colour, by the word. */
interface SyncWords {
  /** What it means of a register, in a few words. */
  readonly meaning: string;
  /** Its shape, of 16 by 16 units. */
  readonly shape: Markup;
}

export const SYNCS: Readonly<Record<Sync, SyncWords>> = {
  switched: {
    meaning: 'in hardware; the world-switch assembly moves it',
    shape: html`<path d="M2 5h9M8 2l3 3-3 3M14 11H5M8 8l-3 3 3 3" />`,
  },
  eager: {
    meaning: 'in the hardware save area, copied at every VM-exit and VM-entry',
    shape: html`<rect class="fill" x="2.5" y="2.5" width="11" height="11" />`,
  },
  lazy: {
    meaning: 'in the hardware save area, read when needed',
    shape: html`<circle cx="8" cy="8" r="5.5" /><path class="fill" d="M8 2.5a5.5 5.5 0 0 1 0 11z" />`,
  },
  direct: {
    meaning: 'in the hardware save area, not cached: each access goes there',
    shape: html`<path d="M2 8h11M9 4l4 4-4 4" />`,
  },
  intercepted: {
    meaning: 'in the register cache: guest writes trap',
    shape: html`<path d="M2.5 2.5h11v11h-11zM2.5 8h11M8 2.5v11" />`,
  },
  partial: {
    meaning: 'protected; passes only through a protocol',
    shape: html`<circle cx="8" cy="8" r="5.5" stroke-dasharray="3 2.75" /><circle class="fill" cx="8" cy="8" r="2" />`,
  },
  protected: {
    meaning: 'protected; KVM cannot see it',
    shape: html`<path class="fill" d="M3 7.5h10v6H3z" /><path d="M5 7.5V5a3 3 0 0 1 6 0v2.5" />`,
  },
  xsave: {
    meaning: 'in an XSAVE component',
    shape: html`<path d="M2.5 3.5h11M2.5 8h11M2.5 12.5h11" />`,
  },
  none: {
    meaning: 'not tracked: all ways are followed, and nothing moves it',
    shape: html`<path d="M3 8h10" />`,
  },
  unknown: {
    meaning: 'something on the way is not understood',
    shape: html`<path d="M8 1.8l6.4 11.9H1.6z" /><path d="M8 6v4M8 11.3v1.2" />`,
  },
};

/** Whether guests may enable an XSAVE component, as {@link SYNCS} has ways to be kept. */
export const SUPPORTS: Readonly<Record<Support, { readonly word: string; readonly shape: Markup }>> = {
  yes: { word: 'yes', shape: html`<path d="M2.5 8.5l3.8 4L13.5 4" />` },
  no: { word: 'no', shape: html`<path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />` },
  conditional: { word: 'under a condition', shape: html`<path d="M8 2v12M8 5l5 3-5 3" />` },
  unknown: { word: 'not known', shape: SYNCS.unknown.shape },
};

/** A shape beside its word. */
export function shapeMark(shape: Markup): Markup {
  return html`<svg class="shape" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
    ${shape}
  </svg>`;
}

/** What the words of the map mean, for those that it has. */
export function legend(syncs: ReadonlySet<Sync>): Markup {
  const entries = (Object.keys(SYNCS) as Sync[]).filter((sync) => syncs.has(sync));
  const items = entries.map(
    (sync) =>
      html`<li data-sync="${sync}">
        ${shapeMark(SYNCS[sync].shape)}<b>${sync}</b> <span>${SYNCS[sync].meaning}</span>
      </li>`,
  );
  return html`<details class="legend">
    <summary>What the words mean</summary>
    <ul>
      ${items}
    </ul>
  </details>`;
}
