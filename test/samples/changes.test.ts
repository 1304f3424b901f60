import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { APX_RULES } from '../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { lensesOf } from '../../server/src/explain/lenses.js';
import { treeReading, type TreeReading, type TreeText } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import type { Span } from '../../server/src/syntax/text/sourceText.js';
import { xsaveText } from '../cliText.js';
import { parser, treeAt } from '../engine.js';
import { changed, changes } from '../mutations.js';
import { referenceLines } from '../referenceLines.js';
import { sampleNames, samplePath } from '../samples.js';

describe.each(sampleNames())('samples/%s', (name) => {
  const sample = treeAt(samplePath(name));
  let read: TreeReading;

  beforeAll(async () => {
    read = treeReading(await parser());
  });

  const withText = (rewrite: (text: string, index: number) => string): TreeText => ({
    ...sample,
    files: sample.files.map(({ path, text }, index) => ({ path, text: rewrite(text, index) })),
  });

  it("with Windows' line ends is the same, line and column", () => {
    const [plain, windows] = [read(sample), read(withText((text) => text.replaceAll('\n', '\r\n')))];
    expect(references(windows)).toEqual(references(plain));
    expect(windows.problems).toEqual(plain.problems);
    expect(owners(windows)).toEqual(owners(plain));
  });

  it('with random changes is read, and references name what they say', () => {
    fc.assert(
      fc.property(fc.nat(), changes, (pick, made) => {
        const model = read(
          withText((text, index) => (index === pick % sample.files.length ? changed(text, made) : text)),
        );
        expect(misplaced(model)).toEqual([]);
        expect(unplaced(model)).toEqual([]);
      }),
      { seed: 7, numRuns: 15 },
    );
  });
});

/** The references of all files. */
function references(model: RegisterModel): string[] {
  return [...model.files.keys()].flatMap((path) => referenceLines(model, path).map((line) => `${path}:${line}`));
}

/** Who owns each register, and where what moves it stands. */
function owners(model: RegisterModel): string[] {
  return model.registers.flatMap(({ register, owners: all }) =>
    all.map((owner) => {
      const at = [...owner.load, ...owner.store].map((transfer) => [
        `${transfer.file}:${transfer.line}`,
        transfer.phase,
        ...transfer.guards.map(guardText),
      ]);
      return `${register} ${owner.backend} ${owner.sync} ${JSON.stringify(owner.place)} ${JSON.stringify(at)}`;
    }),
  );
}

/** Findings, lenses and hovers that lie outside of their file; XSAVE's table is made as well. */
function unplaced(model: RegisterModel): string[] {
  const isOutside = (path: string, { start, end }: Span) => {
    const length = model.files.get(path)?.source.text.length ?? -1;
    return start < 0 || end < start || end > length;
  };
  const found = checkTree(model, [...TRACKING_RULES, ...APX_RULES]).map(({ file, span, rule }) => ({
    file,
    span,
    rule,
  }));
  const told = [...model.files].flatMap(([file, { source }]) => [
    ...lensesOf(model, file, { everyFunction: true }).map(({ span }) => ({ file, span, rule: 'lens' })),
    ...[...source.text.matchAll(STATE_WORDS)].flatMap(({ index }) => {
      const span = explainAt(model, file, index);
      return span ? [{ file, span, rule: 'hover' }] : [];
    }),
  ]);
  expect(xsaveText(model, 80)).toBeTypeOf('string');
  return [...found, ...told]
    .filter(({ file, span }) => isOutside(file, span))
    .map(({ file, span, rule }) => `${rule} ${file}:${String(span.start)}`);
}

/** Words of XSAVE's state and of R16-R31. */
const STATE_WORDS = /\b(?:XFEATURE_\w+|xcr0|ia32_xss|pkru|guest_fpu|xsetbv|VCPU_REGS_R2\d)\b/g;

/** References that lie outside of their file or whose text is not what they go by. */
function misplaced(model: RegisterModel): string[] {
  return [...model.files.values()].flatMap(({ source, references: all }) =>
    all.flatMap(({ start, end, via, register }) => {
      const written = source.text.slice(start, end);
      const isInside = start >= 0 && start < end && end <= source.text.length;
      // An index known at run time goes by how it is decoded; a field by the member that has it, too.
      const isWritten = register === null || via === written || via === `arch.${written}`;
      return isInside && isWritten ? [] : [`${source.path}: ${via} at ${start} is ${written}`];
    }),
  );
}
