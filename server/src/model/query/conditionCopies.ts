import { memoizeByIdentity } from '../../cache/memoize.js';
import { groupBy } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { vendorOfFile } from './backends.js';
import { argumentTexts, parameterNames } from './callText.js';
import { fileScopeNames, movesUnder, type ConditionedMove } from './conditionWords.js';
import { callersOf, cFunctions, functionAt, functionText, isInC } from './functions.js';
import { isMemberAt, sourceOf } from './text.js';

/** What a vendor's module hands to common code, which keeps it under a name of its own: `enable_ept`, kept as `tdp_enabled`. */
export interface ConditionCopy {
  /** What is copied, as the vendor's module calls it. */
  readonly of: string;
  readonly moves: readonly ConditionedMove[];
}

/** The conditions that a word of a file is common code's copy of, a vendor's each; empty for any other word, and for a parameter of that name. */
export function conditionsCopiedAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): readonly ConditionCopy[] {
  const found = copiesByName(model).get(name);
  const text = sourceOf(model, path)?.text ?? '';
  if (!found || isMemberAt(text, offset)) return [];
  const fn = functionAt(model, path, offset);
  if (fn) return parameterNames(functionText(model, fn)).includes(name) ? [] : found;
  // Beside functions, only where it is declared: not the argument of a tracepoint.
  return /^\w/.test(text.slice(text.lastIndexOf('\n', offset) + 1)) ? found : [];
}

const copiesByName = memoizeByIdentity((model: RegisterModel) => {
  const names = fileScopeNames(model);
  const found = cFunctions(model).flatMap((fn) => {
    if (vendorOfFile(model, fn.file) !== null) return [];
    const text = functionText(model, fn);
    const kept = Array.from(text.matchAll(KEPT)).filter(([, name = '']) => names.has(name));
    if (kept.length === 0) return [];
    const parameters = parameterNames(text);
    return kept.flatMap(([, name = '', given = '']) => {
      const at = parameters.indexOf(given);
      if (at < 0 || parameters.includes(name)) return [];
      return callersOf(model, fn).flatMap(({ caller, offset }) => {
        const of = isInC(caller) ? argumentTexts(functionText(model, caller), offset)[at] : undefined;
        const moves = of !== undefined && /^[a-z_]\w*$/.test(of) ? movesUnder(model, caller.file, 0, of) : [];
        return of !== undefined && moves.length > 0 ? [{ name, of, moves }] : [];
      });
    });
  });
  return groupBy(found, ({ name }) => name);
});

/** `tdp_enabled = enable_tdp;` */
const KEPT = /(?<![\w.>])([a-z_]\w*)\s*=\s*([a-z_]\w*)\s*;/g;
