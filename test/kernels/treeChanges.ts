import type { TreeText } from '../../server/src/model/readTree.js';

/** What is put in the place of a piece of a file. */
export interface Change {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** A tree with changes that do not overlap. Lines stay where they are. */
export function changedTree(tree: TreeText, changes: readonly Change[]): TreeText {
  const lastFirst = [...changes].sort((a, b) => b.start - a.start);
  const files = tree.files.map(({ path, text }) => {
    const own = lastFirst.filter((change) => change.path === path);
    return { path, text: own.reduce(changedText, text) };
  });
  return { ...tree, files };
}

function changedText(text: string, { start, end, put }: Change): string {
  const missing = text.slice(start, end).split('\n').length - put.split('\n').length;
  if (missing < 0) throw new Error(`this has more lines than what it is put for: ${put}`);
  return text.slice(0, start) + put + '\n'.repeat(missing) + text.slice(end);
}

/**
 * The change of what `find` matches in a function, told by how it begins (in the whole file where that is null). Throws
 * where that is not one place of the tree.
 */
export function changeOf(tree: TreeText, within: RegExp | null, find: RegExp, put = ''): Change {
  const places = tree.files.flatMap(({ path, text }) =>
    functionsIn(text, within).flatMap((fn) => {
      const body = text.slice(fn.start, fn.end);
      return [...body.matchAll(new RegExp(find.source, `g${find.flags}`))].map(({ 0: old, index }): Change => {
        const start = fn.start + index;
        return { path, start, end: start + old.length, put: replacement(body, index, find, put) };
      });
    }),
  );
  const [place, another] = places;
  if (!place || another) throw new Error(`${String(find)} in ${String(within)}: ${String(places.length)} places`);
  return place;
}

/** What a match at an index of a text is replaced by; what the pattern looks at around it stays. */
function replacement(text: string, index: number, find: RegExp, put: string): string {
  const here = new RegExp(find.source, `y${find.flags}`);
  here.lastIndex = index;
  const [old = ''] = here.exec(text) ?? [];
  here.lastIndex = index;
  const after = text.replace(here, put);
  return after.slice(index, after.length - (text.length - index - old.length));
}

/** From each match of a function's beginning to its end, in C or assembly; the whole text without one. */
function functionsIn(text: string, within: RegExp | null): { start: number; end: number }[] {
  if (!within) return [{ start: 0, end: text.length }];
  return [...text.matchAll(new RegExp(within.source, 'gm'))].map(({ index }) => {
    const length = text.slice(index).search(/^(?:\}|SYM_FUNC_END)/m);
    return { start: index, end: length < 0 ? text.length : index + length };
  });
}
