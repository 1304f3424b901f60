import { keptResults, putBack, type KeptResults } from '../../cache/keptTables.js';
import { withoutCommentsAndDirectives } from '../../syntax/c/blanking.js';
import { NO_CONDITIONALS } from '../../syntax/preprocessor/conditionals.js';
import { sourceText } from '../../syntax/text/sourceText.js';
import { functionOf, type FunctionSource } from './functionSource.js';
import { itemsAsKept, keptItems, type KeptItems } from './keptItems.js';
import type { SourceOutline } from './sourceOutline.js';

/** An outline as plain data, without what its file's text says at once, and what is remembered of it. */
export interface KeptOutline extends Pick<SourceOutline, 'directives' | 'index' | 'problems'> {
  readonly items: KeptItems;
  readonly results: KeptResults;
  /** Null of a function that has nothing but its item. */
  readonly functions: readonly (KeptFunction | null)[];
}

/** What a function of an outline has that its item lacks. */
interface KeptFunction extends Pick<FunctionSource, 'conditionals' | 'macroChanges'> {
  readonly results: KeptResults;
}

/** An outline to be kept. */
export function keptOutline(outline: SourceOutline): KeptOutline {
  const { directives, items, index, problems } = outline;
  const functions = outline.functions.map(({ source }): KeptFunction | null => {
    const { conditionals, macroChanges } = source;
    const results = keptResults(source);
    const isBare = conditionals === NO_CONDITIONALS && macroChanges.length === 0 && Object.keys(results).length === 0;
    return isBare ? null : { conditionals, macroChanges, results };
  });
  return { directives, items: keptItems(items), index, problems, results: keptResults(outline), functions };
}

const BARE: KeptFunction = { conditionals: NO_CONDITIONALS, macroChanges: [], results: {} };

/** The outline of a file, as it was kept of the same text. */
export function outlineAsKept(path: string, text: string, kept: KeptOutline): SourceOutline {
  const { directives, index, problems } = kept;
  const items = itemsAsKept(kept.items);
  const code = withoutCommentsAndDirectives(text, directives);
  const defining = items.filter(({ kind }) => kind === 'function');
  const functions = kept.functions.flatMap((own, i) => {
    const item = defining[i];
    if (!item) return [];
    const { conditionals, macroChanges, results } = own ?? BARE;
    const source = functionOf({ path, text, code }, item, { conditionals, macroChanges });
    putBack(source, results);
    return [{ start: item.start, source }];
  });
  const outline = { source: sourceText(path, text), directives, code, items, functions, index, problems };
  putBack(outline, kept.results);
  return outline;
}
