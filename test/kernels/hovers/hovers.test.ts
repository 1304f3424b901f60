import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { explainAt } from '../../../server/src/explain/explainAt.js';
import { explanationText } from '../../../server/src/explain/explanationText.js';
import type { RegisterModel } from '../../../server/src/model/registerModel.js';
import { modelOfTree } from '../../engine.js';
import { describeKernels } from '../../kernels.js';
import { hoverPlacesIn, offsetOf, type HoverPlace } from './places.js';

/** Lines of 90 columns that an answer has at the most. */
const MOST_LINES = 15;

const listOf = (version: string) => new URL(`${version}.txt`, import.meta.url);

describeKernels(
  'places that a reviewer hovers, written down from the source before any answer was seen',
  (kernel) => {
    let model: RegisterModel;

    beforeAll(async () => {
      model = await modelOfTree(kernel.root);
    });

    describe.each(byFile(hoverPlacesIn(listOf(kernel.version))))('%s', (_file, places) => {
      it.each(places.map((place) => [`${place.within}: ${place.token} ${String(place.nth)}`, place] as const))(
        '%s',
        (_title, place) => {
          const said = answerAt(model, place);
          expect(shortcomings(place, said), said).toEqual([]);
        },
      );
    });
  },
  ({ version }) => existsSync(listOf(version)),
);

function byFile(places: readonly HoverPlace[]): (readonly [string, readonly HoverPlace[]])[] {
  const files = new Set(places.map(({ file }) => file));
  return [...files].map((file) => [file, places.filter((place) => place.file === file)] as const);
}

/** The answer as text; '' where nothing is said. */
function answerAt(model: RegisterModel, place: HoverPlace): string {
  const text = model.files.get(place.file)?.source.text;
  if (text === undefined) throw new Error(`the tree has no ${place.file}`);
  const found = explainAt(model, place.file, offsetOf(place, text));
  return found ? explanationText(found.explanation) : '';
}

function shortcomings({ says, never }: HoverPlace, said: string): readonly string[] {
  const flat = said.replace(/\s+/g, ' ');
  if (says === null) return said === '' || /no guest register|\bhost\b/.test(flat) ? [] : ['something is said'];
  return [
    ...(said === ''
      ? ['silent']
      : says.filter((pattern) => !pattern.test(flat)).map((pattern) => `lacks ${pattern.source}`)),
    ...never.filter((pattern) => pattern.test(flat)).map((pattern) => `says ${pattern.source}`),
    ...(said.split('\n').length > MOST_LINES ? ['is too long'] : []),
  ];
}
