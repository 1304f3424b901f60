import { functionsNaming } from './functionIndex.js';
import type { FunctionSource } from './functionSource.js';
import type { SourceOutline } from './sourceOutline.js';

/** A helper calls a helper calls a helper; no tree goes deeper. */
export const MOST_ROUNDS = 6;

/** A helper that only passes a register on is short. Characters. */
export const LONGEST_HELPER = 1500;

/** A function, and where its name stands in its file. */
export interface FoundFunction {
  readonly source: FunctionSource;
  readonly name: string;
  readonly file: string;
  /** Offset of the name in the file. */
  readonly offset: number;
}

/** The functions that name one of the words, and are wanted for the rest. */
export function functionsNamingAny(
  outlines: readonly SourceOutline[],
  words: readonly string[],
  isWanted: (source: FunctionSource) => boolean,
): FoundFunction[] {
  return outlines.flatMap((file) => {
    const naming = new Set(words.flatMap(functionsNaming(file)));
    return file.functions
      .filter(({ source }) => naming.has(source) && isWanted(source))
      .map(({ start, source }) => {
        return { source, name: source.name, file: source.path, offset: start + source.nameStart };
      });
  });
}
