import { memoizeByIdentity } from '../../cache/memoize.js';
import { groupBy } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { vendorOfFile } from './backends.js';
import { argumentTexts, parameterNames } from './callText.js';
import { fileScopeNames, movesUnder, type ConditionedMove } from './conditionWords.js';
import { callersOf, cFunctions, functionText, isInC } from './functions.js';

/** What a vendor's module hands to common code, which keeps it under a name of its own: `enable_ept`, kept as `tdp_enabled`. */
export interface ConditionCopy {
  /** What is copied, as the vendor's module calls it. */
  readonly of: string;
  readonly moves: readonly ConditionedMove[];
}

/** The conditions that a variable of common code is a copy of, a vendor's each; empty for any other word. */
export function conditionsCopied(model: RegisterModel, name: string): readonly ConditionCopy[] {
  return copiesByName(model).get(name) ?? [];
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
