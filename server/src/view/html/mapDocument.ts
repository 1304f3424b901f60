import type { MapContent } from './mapContent.js';
import { html, type Markup } from './markup.js';

/** What a page is made of beside its content, all of it trusted: our own style sheet and script, or links to them. */
export interface DocumentParts {
  /** The Content-Security-Policy (w3.org/TR/CSP3). */
  readonly policy: string;
  readonly style: Markup;
  readonly script: Markup;
  /** The sections of registers that the page has from the beginning. */
  readonly sections: Markup;
}

/** The whole page of a register map. */
export function mapDocument(
  { title, head, body }: MapContent,
  { policy, style, script, sections }: DocumentParts,
): string {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <header id="head">${head}</header>
        <main id="content">${body}</main>
        <aside id="details" aria-label="The register that is selected">${sections}</aside>
        ${script}
      </body>
    </html> `;
  return markup;
}
