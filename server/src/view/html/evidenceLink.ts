import { evidenceText, type Evidence } from '../../explain/explanation.js';
import { html, type Markup } from './markup.js';

/** The URL that shows a line of the tree; null where there is none, so that evidence is text. */
export type LinkOf = (evidence: Evidence) => string | null;

/** `[vmx/vmx.c:2631]`, a link to it where there is one. */
export function evidenceLink(linkOf: LinkOf, evidence: Evidence): Markup {
  const url = linkOf(evidence);
  const text = evidenceText(evidence).slice(1, -1);
  return url === null
    ? html`<code class="at">${text}</code>`
    : html`<a class="at" href="${url}"><code>${text}</code></a>`;
}
