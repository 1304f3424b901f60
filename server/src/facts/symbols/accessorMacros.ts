import type { Backend } from '../../backends/backend.js';
import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FileIndex } from '../source/fileIndex.js';
import type { SourceOutline } from '../source/sourceOutline.js';

/** The backends' accessors that bodies of macros use, `vmcs_writel` of `#define WRITE_BACK(field, value) vmcs_writel(field, value)`. */
export function accessorsInMacros(outlines: readonly SourceOutline[], backends: readonly Backend[]): string[] {
  const accessorsIn = accessorsOf(backends);
  return [...new Set(outlines.flatMap(({ index }) => accessorsIn(index.macroUsers)))];
}

const accessorsOf = memoizeByIdentity((backends: readonly Backend[]) => {
  const { functionNamed } = placeTables(backends);
  return memoizeByIdentity((users: FileIndex['macroUsers']): readonly string[] =>
    [...users.keys()].filter((word) => functionNamed(word) !== null),
  );
});
