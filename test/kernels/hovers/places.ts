import { readFileSync } from 'node:fs';

/** A place in a kernel that a reviewer hovers, and what the answer there must and must not say. */
export interface HoverPlace {
  /** Relative to the tree's root. */
  readonly file: string;
  /** The function, struct or assembly function that the token is in; `*` for the whole file. */
  readonly within: string;
  /** The token; with what stands before it where that tells which is meant: `save.cr0` is `cr0`. */
  readonly token: string;
  /** Which of the tokens of that name there, from 1. */
  readonly nth: number;
  /** Each is in the answer, in whatever case; null where nothing is to be said. */
  readonly says: readonly RegExp[] | null;
  readonly never: readonly RegExp[];
}

/** The places of a list: `== FILE` headings, then lines `WITHIN | TOKEN#NTH | REGEX & REGEX | REGEX`; `-` for nothing to be said. */
export function hoverPlacesIn(list: URL): readonly HoverPlace[] {
  let file = '';
  return readFileSync(list, 'utf8')
    .split('\n')
    .flatMap((line): HoverPlace[] => {
      if (line.startsWith('== ')) file = line.slice(3);
      if (line.trim() === '' || /^(?:#|==)/.test(line)) return [];
      const [within = '', named = '', says = '', never = ''] = line.split(/(?<!\\)\|/).map((part) => part.trim());
      const [token = '', nth = '1'] = named.split('#');
      return [
        { file, within, token, nth: Number(nth), says: says === '-' ? null : patterns(says), never: patterns(never) },
      ];
    });
}

function patterns(text: string): RegExp[] {
  return text === '' ? [] : text.split(' & ').map((one) => new RegExp(one.replaceAll('\\|', '|'), 'i'));
}

/** The offset in a file's text of the token that a place is; throws where the text has none. */
export function offsetOf(place: HoverPlace, text: string): number {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
  const { start, end } = rangeOf(place.within, code);
  const hits = [...code.slice(start, end).matchAll(new RegExp(`(?<![\\w$])${place.token}(?!\\w)`, 'g'))];
  const hit = hits[place.nth - 1];
  if (!hit) throw new Error(`${place.file}: ${place.within} has ${String(hits.length)} ${place.token}`);
  return start + hit.index + place.token.lastIndexOf('.') + 1;
}

function rangeOf(name: string, code: string): { readonly start: number; readonly end: number } {
  if (name === '*') return { start: 0, end: code.length };
  const assembly = code.indexOf(`SYM_FUNC_START(${name})`);
  if (assembly >= 0) return { start: assembly, end: code.indexOf(`SYM_FUNC_END(${name})`, assembly) };
  const struct = new RegExp(`^struct ${name} \\{`, 'm').exec(code);
  if (struct) return { start: struct.index + struct[0].length, end: code.indexOf('\n};', struct.index) };
  for (const { index } of code.matchAll(new RegExp(`^[a-z][^\\n;=]*\\b${name}\\(`, 'gm'))) {
    const [body, semicolon] = [code.indexOf('\n{', index), code.indexOf(';', index)];
    if (body >= 0 && (semicolon < 0 || body < semicolon)) return { start: index, end: code.indexOf('\n}', index) };
  }
  throw new Error(`no function or struct ${name}`);
}
