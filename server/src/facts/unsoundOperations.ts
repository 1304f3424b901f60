import type { OutlineItem } from '../syntax/c/outline.js';
import { closingIndex } from '../syntax/text/brackets.js';
import type { Problem } from '../syntax/text/sourceText.js';
import { tokenize, type Token } from '../syntax/text/tokens.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { opsTables, OPERATIONS_STRUCT } from './symbols/opsTables.js';
import { macroLookup } from './symbols/treeSymbols.js';
import type { FactSymbols } from './symbols/wordRoles.js';

/**
 * Where a table of the vendor's operations lacks one that it should have: a line without its `=` or its comma, or a function that
 * nothing declares and that is the vendor's own by its name, or half of a name which something declares.
 */
export function unsoundOperations(file: SourceOutline, item: OutlineItem, symbols: FactSymbols): Problem[] {
  if (item.kind !== 'object' || item.bodyStart < 0) return [];
  const table = opsTables(file, macroLookup(symbols, file.source.path)).find(({ offset }) => offset === item.nameStart);
  if (table?.struct !== OPERATIONS_STRUCT) return [];
  const lines = listed(tokenize(file.code, item.bodyStart + 1, item.end));
  const wrong = lines.find((line) => !isEntry(line))?.[0];
  if (wrong) return [{ offset: wrong.start, message: `${item.name}: a dot, a comma or a = is missing here` }];
  const vendors = /^[a-z]+_/.exec(item.name)?.[0] ?? item.name;
  // Common code may be where nothing is read; a vendor's own is not.
  const isDue = (name: string) => symbols.isHalfDeclared(name) || name.startsWith(vendors);
  const unknown = table.entries.find(
    ({ function: name }) => isDue(name) && !symbols.isDeclared(name) && !symbols.macros.has(name),
  );
  return unknown ? [{ offset: unknown.offset, message: `${item.name}: nothing is called ${unknown.function}` }] : [];
}

/** What stands between the commas of an initialiser, up to its end. */
function listed(tokens: readonly Token[]): Token[][] {
  const first: Token[] = [];
  const lines = [first];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token || token.text === '}') break;
    const close = closingIndex(tokens, i);
    if (token.text === ',') lines.push([]);
    else lines.at(-1)?.push(...(/^[([{]$/.test(token.text) && close > i ? tokens.slice(i, close + 1) : [token]));
    if (/^[([{]$/.test(token.text) && close > i) i = close;
  }
  return lines.filter((line) => line.length > 0);
}

/** `.member = value`, with one `=`, or what a macro makes. */
function isEntry(line: readonly Token[]): boolean {
  const [dot, , equals] = line;
  if (dot?.text !== '.') return dot?.kind === 'word' && line[1]?.text === '(' && line.at(-1)?.text === ')';
  return equals?.text === '=' ? line.filter(({ text }) => text === '=').length === 1 : equals?.text === '.';
}
