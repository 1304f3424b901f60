import { expect } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';

/** The first line of the hover on the last word of a piece of a file's text, up to its evidence; '' for none. */
export function saidOf(known: RegisterModel, path: string, piece: string): string {
  const start = known.files.get(path)?.source.text.indexOf(piece) ?? -1;
  expect(start, `${piece} in ${path}`).toBeGreaterThanOrEqual(0);
  const found = explainAt(known, path, start + piece.search(/\w+\W*$/));
  if (!found) return '';
  const said = explanationText({ ...found.explanation, owners: [], notes: [] });
  return said.replace(/\s+/g, ' ').replace(/ \[.*/, '');
}

/** All of the hover on the last word of a piece of a file's text, on one line; '' for none. */
export function hoverOf(known: RegisterModel, path: string, piece: string): string {
  const start = known.files.get(path)?.source.text.indexOf(piece) ?? -1;
  expect(start, `${piece} in ${path}`).toBeGreaterThanOrEqual(0);
  const found = explainAt(known, path, start + piece.search(/\w+\W*$/));
  return found ? explanationText(found.explanation).replace(/\s+/g, ' ') : '';
}
