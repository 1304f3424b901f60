import type { Backend } from '../backends/backend.js';
import { BACKENDS } from '../backends/registry.js';
import { factsReader } from '../facts/factsReader.js';
import { treeReader, type TreeReader } from '../facts/source/functionTree.js';
import { numbersReader } from '../facts/regnum/treeNumbers.js';
import { resolveSymbols } from '../facts/symbols/resolveSymbols.js';
import { outlineSource, type SourceOutline } from '../facts/source/sourceOutline.js';
import { listedProblems } from '../facts/source/listedProblems.js';
import { worldSwitchReader } from '../facts/assembly/worldSwitch.js';
import type { CParser } from '../syntax/c/cTree.js';
import { withoutLongLines } from '../syntax/text/longLines.js';
import { lazy, memoizeByPath } from '../cache/memoize.js';
import { sourceText } from '../syntax/text/sourceText.js';
import { readComponentFacts } from '../facts/xsave/componentFacts.js';
import { modelBuilder } from './buildModel.js';
import {
  keptFiles,
  outlinesByPath,
  outlinesOf,
  readKept,
  type KeptReading,
  type ReadingRecord,
} from './keptReading.js';
import { missingHeaders } from './missingHeaders.js';
import { missingSources, type ModuleText } from './missingSources.js';
import type { ModelProblem } from './modelProblem.js';
import type { RegisterModel } from './registerModel.js';
import { allSteps, type Steps } from './steps.js';

/** The text of a kernel tree: what the `tree` layer loads, or an editor holds. */
export interface TreeText {
  readonly root: string;
  readonly kernel: string | null;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Of a file without text: why it is not read. Of one with text: how that was repaired. */
  readonly problems: readonly { readonly file: string; readonly message: string }[];
  /** What its Makefile builds; not known where left out. */
  readonly modules?: readonly ModuleText[];
}

/** The stages of a reading, in their order. */
export type Stage = 'outline' | 'assembly' | 'names' | 'facts' | 'model';

/** Called before each stage, so that a caller can say what goes on and how long it took. */
export type StageListener = (stage: Stage) => void;

/** Reads a tree's text into its model. */
export type TreeReading = (tree: TreeText, onStage?: StageListener) => RegisterModel;

/** Reads a tree's text into its model, one step after the other; notes which stage the next step is of. */
export type SteppedReading = (tree: TreeText) => Steps<RegisterModel, Stage>;

/** From a tree's text to its model. Pure; never throws on any text. */
export function readTree(
  c: CParser,
  tree: TreeText,
  onStage?: StageListener,
  record: ReadingRecord | null = null,
): RegisterModel {
  const read = steppedReading(c, BACKENDS, record, record === null);
  return allSteps(read(tree), onStage && withoutRepeatedStages(onStage));
}

/** {@link steppedReading} without a stop. */
export function treeReading(c: CParser, backends: readonly Backend[] = BACKENDS): TreeReading {
  const read = steppedReading(c, backends);
  return (tree, onStage = () => undefined) => allSteps(read(tree), withoutRepeatedStages(onStage));
}

/** Tells a listener of a stage at its first step only. */
export function withoutRepeatedStages(onStage: StageListener): StageListener {
  let last: Stage | null = null;
  return (stage) => {
    if (stage !== last) onStage(stage);
    last = stage;
  };
}

/**
 * A reading that remembers what it read before, so that a tree with one file changed costs that file. What it gives is
 * the same as `readTree` gives for the same text: what is remembered is a pure function of what it is remembered by, and a
 * reading that is left halfway does no harm. `record` is where that outlives the process; null for nowhere. `isOnly`: there
 * will be one reading, so that nothing is noted for a next one.
 */
export function steppedReading(
  c: CParser,
  backends: readonly Backend[] = BACKENDS,
  record: ReadingRecord | null = null,
  isOnly = false,
): SteppedReading {
  const readableOf = memoizeByPath(readableFile);
  const read = treeReader(c);
  const numbersOf = numbersReader(read);
  const build = modelBuilder();
  const memory = lazy(() => rememberedBy({ read, backends, isOnly }, record));
  let isFirst = true;
  return function* (tree) {
    yield 'outline';
    const { outlineOf, assembly: assemble, facts: factsOf, before } = memory();
    const readable = tree.files.map(readableOf);
    const files = readable.map(({ file }) => file);
    const outlines: SourceOutline[] = [];
    for (const file of files.filter(({ path }) => !path.endsWith('.S'))) {
      yield 'outline';
      outlines.push(outlineOf(file));
    }
    yield 'assembly';
    const { files: assembly, kept: keptAssembly } = assemble(files, outlines);
    yield 'names';
    const symbols = yield* resolveSymbols(read, outlines, assembly, backends);
    yield 'facts';
    const facts = yield* factsOf.read(outlines, symbols);
    yield 'model';
    const listed = tree.problems.map(({ file, message }): ModelProblem => ({ file, line: null, message }));
    const texts = new Set(tree.files.map(({ path }) => path));
    const unread = listed.filter(({ file }) => !texts.has(file));
    const model = yield* build({
      root: tree.root,
      kernel: tree.kernel,
      symbols,
      files: facts,
      assembly,
      components: readComponentFacts(outlines, symbols.macros),
      numbers: lazy(() => numbersOf(outlines, symbols)),
      unread: [
        ...missingSources(tree.modules ?? []),
        ...missingHeaders(outlines),
        ...unread,
        ...readable.flatMap((file) => file.problems),
      ],
      repaired: listed.filter(({ file }) => texts.has(file)),
    });
    if (isFirst && isWorthKeeping(outlines, before))
      record?.write((): KeptReading => ({
        files: keptFiles(files, outlines),
        facts: factsOf.kept(outlines),
        assembly: keptAssembly(),
      }));
    isFirst = false;
    return model;
  };
}

/** What readings are done with. */
interface ReadingParts {
  readonly read: TreeReader;
  readonly backends: readonly Backend[];
  readonly isOnly: boolean;
}

/** What is remembered of outlines, assembly and facts, from an earlier process too; and the outlines that are from there. */
function rememberedBy({ read, backends, isOnly }: ReadingParts, record: ReadingRecord | null) {
  const kept = readKept(record);
  const before = kept && outlinesOf(kept);
  return {
    before: before ?? [],
    outlineOf: memoizeByPath(
      (file: TextFile, last: SourceOutline | null) => outlineSource(file.path, file.text, last),
      before ? outlinesByPath(before) : undefined,
    ),
    assembly: worldSwitchReader(
      backends,
      undefined,
      kept?.assembly && before
        ? { kept: kept.assembly, files: kept.files.map(({ path, text }) => ({ path, text })), outlines: before }
        : null,
    ),
    facts: factsReader(read, kept && before && { kept: kept.facts, outlines: before }, isOnly),
  };
}

/** A record is written anew where more than this part of the text is other: what costs less is made again each time. */
const WORTH_KEEPING = 0.25;

function isWorthKeeping(outlines: readonly SourceOutline[], before: readonly SourceOutline[]): boolean {
  const known = new Set(before);
  const length = (some: readonly SourceOutline[]) => some.reduce((sum, { source }) => sum + source.text.length, 0);
  return length(outlines.filter((one) => !known.has(one))) > WORTH_KEEPING * length(outlines);
}

type TextFile = TreeText['files'][number];

/** A file without what is too long to be source, and what is listed for that. Offsets stay true. */
function readableFile({ path, text: whole }: TextFile): { file: TextFile; problems: readonly ModelProblem[] } {
  const { text, problems } = withoutLongLines(whole);
  if (problems.length === 0) return { file: { path, text }, problems: [] };
  const listed = listedProblems(sourceText(path, text), problems);
  return { file: { path, text }, problems: listed.map((problem) => ({ file: path, ...problem })) };
}
