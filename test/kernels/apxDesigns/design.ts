import { beforeAll, describe, expect, it } from 'vitest';
import type { Transfer } from '../../../server/src/backends/transfer.js';
import { missingText } from '../../../server/src/explain/missingWords.js';
import { wordsOf, type Words } from '../../../server/src/explain/words.js';
import type { RegisterModel, RegisterOwner } from '../../../server/src/model/registerModel.js';
import { treeReading, type TreeReading } from '../../../server/src/model/readTree.js';
import { shownGuard } from '../../../server/src/syntax/conditions/guard.js';
import { parser, treeAt } from '../../engine.js';
import { describeKernels } from '../../kernels.js';
import { identifiersOf, meaningless, withNames } from '../renaming.js';
import { withSeries, type Series } from './series.js';

/** A series on the kernels that it is for, what they then say, and what one or several parts less change in that. */
interface Design {
  readonly series: Series;
  /** Identifiers of the trees that it is for. */
  readonly needs: readonly string[];
  readonly answers: Answers;
  readonly without: Readonly<Record<string, Answers>>;
}

/** What a tree says of R20 for each backend: how it is kept, what moves it, what is missing. */
type Answers = Readonly<Record<string, readonly string[]>>;

/** What a series lacks, as a tree tells it. */
export const MISSING = {
  component: 'missing: no APX component in the FPU core',
  enabling: "missing: guests can't enable APX: not in KVM_SUPPORTED_XCR0",
  out: 'missing: set by userspace but never given to it',
  in: 'missing: given to userspace but never set by it',
  userspace: 'missing: no userspace path',
  svm: 'missing: no path on SVM',
} as const;

/** What the backends of protected guests say in every design. */
export const PROTECTED = { 'sev-es': ['protected vmsa'], tdx: ['protected tdx'] };

/** The same said for VMX and for SVM. */
export const both = (...lines: string[]) => ({ vmx: lines, svm: lines });

/** Names in a series that are not its own: registers, XSAVE's components, configuration, the FPU core's; and numbers in bytes. */
const INTERFACE =
  /^(?:__)?VCPU_|^R\d|^r\d|^XFEATURE_|^X86_|^CONFIG_|^cpu_has_|^static_cpu_has|^x[0-9a-f]{2}$|^SYM_|^RET$/;

/** Tests of a design on each kernel that it is for. */
export function testDesign(title: string, { series, needs, answers, without }: Design): void {
  describe(title, () => {
    describeKernels(
      'written into',
      ({ root }) => {
        const tree = treeAt(root);
        const before = identifiersOf(tree);
        let read: TreeReading;
        /** Answers without one for SEV-ES, of a tree that is older than that. */
        const inTree = ({ 'sev-es': sevEs, ...others }: Answers): Answers =>
          sevEs && before.has('sev_es_sync_from_ghcb') ? { 'sev-es': sevEs, ...others } : others;
        const said = (parts: readonly string[]) => answersOf(read(withSeries(tree, series, parts)));

        beforeAll(async () => {
          read = treeReading(await parser());
        });

        it('has an answer of its own', () => {
          expect(said([])).toEqual(inTree(answers));
        });

        it('and the same one whatever its functions and flags are called', () => {
          const applied = withSeries(tree, series);
          const own = [...identifiersOf(applied)].filter((name) => !before.has(name) && !INTERFACE.test(name));
          const names = new Map(own.map((name) => [name, meaningless(name)]));
          const renamed = answersOf(read(withNames(applied, names)));
          const expected = JSON.stringify(inTree(answers)).replace(/[A-Za-z_]\w*/g, (name) => names.get(name) ?? name);
          expect(renamed).toEqual(JSON.parse(expected));
        });

        it.each(Object.entries(without))('without: %s', (parts, changed) => {
          expect(said(parts.split(', '))).toEqual(inTree({ ...answers, ...changed }));
        });
      },
      ({ root }) => needs.every((name) => identifiersOf(treeAt(root)).has(name)),
    );
  });
}

/** What a tree says of R20. Of all of R16-R31 it must say the same. */
function answersOf(model: RegisterModel): Answers {
  const words = wordsOf(model);
  const briefs = (name: string) =>
    (model.registers.find(({ register }) => register === name)?.owners ?? []).map(
      (owner) => [owner.backend, briefOf(words, owner).map((line) => line.replaceAll(name, 'R20'))] as const,
    );
  for (let number = 16; number < 32; number++) expect(briefs(`R${String(number)}`)).toEqual(briefs('R20'));
  return Object.fromEntries(briefs('R20'));
}

function briefOf(words: Words, { sync, place, load, store, missing }: RegisterOwner): string[] {
  const step = ({ function: fn, phase, conditions, call }: Transfer) => {
    const shown = conditions.map(shownGuard).filter((condition) => !condition.startsWith('!('));
    return `${fn} ${phase}${call ? ` in ${call.function}` : ''}${shown.map((condition) => ` if ${condition}`).join('')}`;
  };
  return [
    `${sync} ${place.kind}`,
    ...load.map((t) => `load ${step(t)}`),
    ...store.map((t) => `store ${step(t)}`),
    ...missing.map((part) => `missing: ${missingText(words, part)}`),
  ];
}
