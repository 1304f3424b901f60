import { resolve } from 'node:path';
import { recordKey } from '../store/recordStore.js';
import type { BuildStore } from '../store/buildStore.js';
import { digestAgain, parseQuestions, tracedDisk } from '../tree/diskTrace.js';
import type { KernelTree } from '../tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../tree/loadTree.js';
import { parsePrintedAnswer, type PrintedAnswer } from './printedAnswer.js';
import type { TreeRequest } from './treeRequest.js';

/** What a tree is asked, and where answers are kept. */
interface TreeQuestion {
  readonly request: TreeRequest;
  readonly tree: KernelTree;
  /** Null: nothing is kept. */
  readonly store: BuildStore | null;
}

/**
 * The answer that is kept of the same question to the same text, else a fresh one, which is then kept.
 *
 * What is read of a tree depends on what is read of it before: what a Makefile names, what a header includes. So there are two
 * kinds of records: of a tree, the questions to the disk by which it was last read; of a question about the tree, by all that
 * the disk answered to those, what was printed. Where the disk answers the same again, the same text would be read.
 */
export async function keptOrFresh(
  { request, tree, store }: TreeQuestion,
  answerFrom: (text: LoadedTree) => Promise<PrintedAnswer>,
): Promise<PrintedAnswer> {
  if (!store) return answerFrom(loadTree(tree));
  const { records, build } = store;
  const traceKey = recordKey(['trace', build, tree]);
  const answerKey = (digest: string) => recordKey(['answer', build, tree, identityOf(request), digest]);
  const keptBy = (digest: string) => parsed(records.read(answerKey(digest)), parsePrintedAnswer);

  const questions = parsed(records.read(traceKey), parseQuestions);
  const kept = questions && keptBy(digestAgain(questions));
  if (kept) return kept;
  const { disk, trace } = tracedDisk();
  const text = loadTree(tree, disk);
  const traced = trace();
  if (!traced) return answerFrom(text);
  records.write(traceKey, JSON.stringify(traced.questions));
  // The tree may have been as it is now before it was as the last reading found it.
  const keptEarlier = keptBy(traced.digest);
  if (keptEarlier) return keptEarlier;
  const answer = await answerFrom(text);
  records.write(answerKey(traced.digest), JSON.stringify(answer));
  return answer;
}

function parsed<Value>(record: string | null, parse: (record: string) => Value | null): Value | null {
  return record === null ? null : parse(record);
}

/** Options that decide nothing but the layout, which is known, and whether answers are kept. */
const NOT_ASKED: readonly string[] = ['color', 'width', 'no-cache'];

/** What decides the answer beside the tree's text, the same however it is written. */
function identityOf({ command, rest, options, layout }: TreeRequest): unknown {
  return {
    command,
    rest,
    options: [...options].filter(([name]) => !NOT_ASKED.includes(name)).sort(),
    layout: options.has('json') ? null : layout,
    // A file may be named from the current directory.
    directory: command === 'explain' ? resolve('.') : null,
  };
}
