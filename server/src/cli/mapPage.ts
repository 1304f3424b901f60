import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { RegisterModel } from '../model/registerModel.js';
import type { LinkOf } from '../view/html/evidenceLink.js';
import { allSections, mapContent } from '../view/html/mapContent.js';
import { mapDocument } from '../view/html/mapDocument.js';
import { trusted } from '../view/html/markup.js';
import { timelines } from '../view/timeline.js';
import { CommandError } from './commandError.js';

/** The style sheet and the script of the page, which the build puts beside the program. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

/** Reads what the build has put beside the program. */
export function pageAssets(directory: URL): PageAssets {
  const read = (name: string) => readFileSync(new URL(name, directory), 'utf8').trimEnd();
  return { style: read('mapStyle.css'), script: read('map.js') };
}

/**
 * The register map as one page that needs nothing else: no network, and no script but the one that is in it.
 * `sourceUrl`: where a line of the source is shown, with `{file}` and `{line}` in it; null: evidence is text.
 */
export function mapPage(model: RegisterModel, { style, script }: PageAssets, sourceUrl: string | null): string {
  const linkOf = linksTo(sourceUrl);
  return mapDocument(mapContent(model, timelines(model), linkOf), {
    policy: `default-src 'none'; style-src ${hashSource(style)}; script-src ${hashSource(script)}; base-uri 'none'; form-action 'none'`,
    style: trusted(`<style>${style}</style>`),
    script: trusted(`<script>${script}</script>`),
    sections: allSections(model, linkOf),
  });
}

/** What a Content-Security-Policy calls an inline style or script (w3.org/TR/CSP3, section 2.3.1). */
function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function linksTo(sourceUrl: string | null): LinkOf {
  if (sourceUrl === null) return () => null;
  return ({ file, line }) => sourceUrl.replaceAll('{file}', encodeURI(file)).replaceAll('{line}', String(line));
}

/** Writes a page to a file. Throws CommandError where it cannot be written. */
export function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
