import type { FileFacts } from '../../facts/fileFacts.js';
import type { MaskExpression } from '../../facts/xsave/maskExpression.js';
import type { GivenWrite, MaskFacts } from '../../facts/xsave/maskWrites.js';
import type { SourceText } from '../../syntax/text/sourceText.js';

/** A function as a mask is computed in it. */
export interface MaskFunction {
  readonly name: string;
  readonly source: SourceText;
  /** Where in its file the function begins. */
  readonly start: number;
  readonly returned: MaskExpression | null;
  /** What it does to what it is given the address of. */
  readonly written: readonly GivenWrite[];
  readonly calls: MaskFacts['calls'];
}

/** The functions of files that say what they return, or do to what they are given. */
export function maskFunctions(files: readonly FileFacts[]): ReadonlyMap<string, readonly MaskFunction[]> {
  const found = new Map<string, MaskFunction[]>();
  for (const { source, tellingFunctions } of files)
    for (const { start, facts } of tellingFunctions)
      if (facts.xsave && facts.xsave.masks.length > 0)
        found.set(facts.name, [
          ...(found.get(facts.name) ?? []),
          maskFunction(facts.name, source, start, ofAllWays(facts.xsave.masks)),
        ]);
  return found;
}

/** What a function says of masks in all ways through its `#if`s, each of which has what those before it have not. */
export function ofAllWays(ways: readonly MaskFacts[]): MaskFacts {
  const values = ways.flatMap(({ returned }) => (returned?.kind === 'choice' ? returned.values : []));
  return {
    writes: ways.flatMap(({ writes }) => writes),
    given: ways.flatMap(({ given }) => given),
    ofVcpu: ways.flatMap(({ ofVcpu }) => ofVcpu),
    calls: ways.flatMap(({ calls }) => calls),
    returned: values.length === 0 ? null : { kind: 'choice', values },
  };
}

/** A function with what it says of masks. */
export function maskFunction(name: string, source: SourceText, start: number, facts: MaskFacts): MaskFunction {
  const { returned, given, calls } = facts;
  return { name, source, start, returned, written: given, calls };
}
