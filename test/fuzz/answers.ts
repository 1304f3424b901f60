import { checkTree } from '../../server/src/check/checkTree.js';
import { RULES } from '../../server/src/check/rules.js';
import { checkJson } from '../../server/src/cli/check.js';
import { layOut, UNLIMITED } from '../../server/src/cli/lines.js';
import { mapJson } from '../../server/src/cli/mapJson.js';
import { mapLines } from '../../server/src/cli/mapTable.js';
import { refsJson } from '../../server/src/cli/refs.js';
import { xsaveJson } from '../../server/src/cli/xsave/xsaveJson.js';
import { xsaveLines } from '../../server/src/cli/xsave/xsaveText.js';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { lensesOf } from '../../server/src/explain/lenses.js';
import { referencesIn } from '../../server/src/model/query/references.js';
import { sourceOf } from '../../server/src/model/query/text.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { tokenize } from '../../server/src/syntax/text/tokens.js';

/** Columns that the tables are asked to fit. */
const WIDTH = 100;

/** In how many places of a file each kind of question is asked. */
const PLACES = 15;

/** All that is said of a tree, and at some places of one of its files. Plain data. */
export function answersOf(model: RegisterModel, path: string): object {
  return {
    map: mapJson(model),
    references: refsJson(model),
    xsave: xsaveJson(model),
    check: checkJson(model, checkTree(model, RULES)),
    lines: [mapLines(model, WIDTH), xsaveLines(model, WIDTH)].map((lines) => layOut(lines, UNLIMITED)),
    lenses: lensesOf(model, path, { everyFunction: true }),
    explanations: askedOffsets(model, path).map((offset) => explainAt(model, path, offset)),
  };
}

/** Offsets of some references and of some tokens of a file, all over it. */
function askedOffsets(model: RegisterModel, path: string): number[] {
  const source = sourceOf(model, path);
  if (!source) return [];
  return [...some(referencesIn(model, path)), ...some(tokenize(source.text))].map(({ start }) => start);
}

function some<Item>(items: readonly Item[]): Item[] {
  const step = Math.max(1, Math.floor(items.length / PLACES));
  return items.filter((_, i) => i % step === 0);
}
