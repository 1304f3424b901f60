import fc from 'fast-check';
import { readTree, treeReading, type TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { answersOf } from './answers.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { withText } from './judgedTree.js';
import { picked } from './picked.js';
import { mutated, mutations, type Mutation } from './tokenMutations.js';

/** What is done to a file: changed, or given its first text again. `file` is a number of any size that picks one. */
interface Edit {
  readonly file: number;
  readonly changes: readonly Mutation[] | null;
}

interface Input {
  /** A number of any size that picks a tree. */
  readonly tree: number;
  readonly edits: readonly Edit[];
}

const pick = fc.nat(10_000);
const edit: fc.Arbitrary<Edit> = fc.record({ file: pick, changes: fc.option(mutations, { freq: 4 }) });

/** Edits in a row, read by one reading that remembers: its answers in the end are those of a reading that knows nothing. */
export function editsFuzzer(c: CParser, trees: readonly TreeText[]): Fuzzer {
  return fuzzerOf<Input>({
    name: 'edits',
    inputs: fc.record({ tree: pick, edits: fc.array(edit, { minLength: 1, maxLength: 5 }) }),
    judge: (input) => {
      const { states, path } = editedTrees(trees, input);
      const read = treeReading(c);
      const answers = states.map((tree) => JSON.stringify(answersOf(read(tree), path))).at(-1) ?? '';
      const fresh = states
        .slice(-1)
        .map((tree) => JSON.stringify(answersOf(readTree(c, tree), path)))
        .join('');
      if (answers !== fresh) throw new Error(`after the edits:\n${difference(answers, fresh)}`);
    },
    filesOf: (input) =>
      new Map(
        editedTrees(trees, input).states.flatMap(({ files }, i) =>
          files.map(({ path, text }) => [`${i}/${path}`, text] as const),
        ),
      ),
  });
}

/** A tree as it is at first and after each edit, and the file that was edited last. */
function editedTrees(trees: readonly TreeText[], { tree: number, edits }: Input): { states: TreeText[]; path: string } {
  const states = [picked(trees, number)];
  let path = '';
  for (const { file: fileNumber, changes } of edits) {
    const [first, last] = [states[0], states.at(-1)];
    if (!first || !last) break;
    const file = picked(last.files, fileNumber);
    path = file.path;
    const text = changes === null ? picked(first.files, fileNumber).text : mutated(file.text, changes, file.text);
    states.push(withText(last, path, text));
  }
  return { states, path };
}

/** Characters of each answer that are shown around where they begin to differ. */
const AROUND = 300;

function difference(answers: string, fresh: string): string {
  let at = 0;
  while (answers[at] === fresh[at]) at++;
  const part = (text: string) => text.slice(Math.max(0, at - AROUND), at + AROUND);
  return `one that remembers: ${part(answers)}\na fresh one:        ${part(fresh)}`;
}
