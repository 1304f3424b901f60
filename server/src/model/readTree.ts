import { fileFacts } from '../facts/fileFacts.js';
import { treeReader } from '../facts/functionTree.js';
import { readVocabulary } from '../facts/readVocabulary.js';
import { outlineSource } from '../facts/sourceOutline.js';
import { readWorldSwitches } from '../facts/worldSwitch.js';
import type { CParser } from '../syntax/cTree.js';
import { buildModel } from './buildModel.js';
import { readExtendedState } from './extendedRegisters.js';
import type { ModelProblem, RegisterModel } from './registerModel.js';

/** The text of a kernel tree: what the `tree` layer loads, or an editor holds. */
export interface TreeText {
  readonly root: string;
  readonly kernel: string | null;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/** Told before each stage, so that a caller can say what goes on and how long it took. */
export type StageListener = (stage: 'outline' | 'assembly' | 'names' | 'facts' | 'model') => void;

/** From a tree's text to its model. Pure; never throws on any text. */
export function readTree(c: CParser, tree: TreeText, onStage: StageListener = () => undefined): RegisterModel {
  onStage('outline');
  const outlines = tree.files
    .filter((file) => !file.path.endsWith('.S'))
    .map((file) => outlineSource(file.path, file.text));
  onStage('assembly');
  const assembly = readWorldSwitches(tree.files, outlines);
  onStage('names');
  const read = treeReader(c);
  const vocabulary = readVocabulary(read, outlines, assembly);
  onStage('facts');
  const files = outlines.map((outline) => fileFacts(read, outline, vocabulary));
  onStage('model');
  const problems = tree.problems.map(({ file, message }): ModelProblem => ({ file, line: null, message }));
  return buildModel({
    root: tree.root,
    kernel: tree.kernel,
    vocabulary,
    files,
    assembly,
    extended: readExtendedState(outlines),
    problems,
  });
}
