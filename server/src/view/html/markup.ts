/** A piece of HTML or SVG that is safe to put into a page. {@link html} makes one; {@link trusted} of what is our own. */
export interface Markup {
  readonly markup: string;
}

/** What a template may have in it: text, which is escaped, and other pieces. */
type Piece = string | number | Markup | readonly Markup[];

/** A piece of HTML: the template as it stands, what is put into it escaped. For content and for quoted attributes. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { markup: parts.map((part, i) => part + written(pieces[i] ?? '')).join('') };
}

/** Nothing. */
export const NO_MARKUP: Markup = { markup: '' };

function written(piece: Piece): string {
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  return 'markup' in piece ? piece.markup : piece.map(({ markup }) => markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** A piece that is taken as it stands: our own style sheet or script, never text of a tree. */
export function trusted(markup: string): Markup {
  return { markup };
}
