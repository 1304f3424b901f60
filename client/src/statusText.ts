import type { Status, TreeProblem, TreeStatus } from '../../protocol/protocol.js';

/** What the language-status item shows for the active file. */
export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly isBusy: boolean;
  readonly isWarning: boolean;
}

/** What is known when the server has not spoken, and why. */
export type ServerState = 'starting' | 'stopped' | Status;

/**
 * The status of the file that the active editor shows.
 * @param file its absolute path with '/', symbolic links resolved; null for one in no KVM tree
 */
export function statusText(server: ServerState, file: string | null): StatusText {
  if (server === 'starting') return busyStatus('KVM registers: starting', 'Nothing here yet: the server is starting');
  if (server === 'stopped') {
    return warning('KVM registers: stopped', 'Nothing here: the server is not running');
  }
  if (file === null) return plainStatus('KVM registers: no tree', 'Nothing here: not in a KVM x86 tree');
  const tree = treeOf(server.trees, file);
  if (server.state === 'indexing') return busyStatus('KVM registers: indexing', 'Only hovers until the index is there');
  if (tree === null) return plainStatus('KVM registers: no tree', 'Nothing here: no KVM x86 code found around it');
  return treeText(tree, file);
}

function treeText(tree: TreeStatus, file: string): StatusText {
  const text = `${tree.kernel === null ? 'KVM registers' : `Linux ${tree.kernel}`}: ${countText(tree.references, 'reference')}`;
  const problems = tree.problems.filter((problem) => `${tree.root}/${problem.file}` === file);
  const reading = `${countText(tree.files, 'file')} in ${number(Math.round(tree.ms))} ms`;
  const [first] = problems;
  if (first !== undefined) {
    const others = problems.length > 1 ? ` and ${countText(problems.length - 1, 'more problem')}` : '';
    return warning(text, `Something may be missing here: ${problemText(first)}${others}. ${reading}`);
  }
  const elsewhere = tree.problems.length > 0 ? `; ${countText(tree.problems.length, 'problem')} elsewhere` : '';
  return plainStatus(text, reading + elsewhere);
}

function problemText({ line, message }: TreeProblem): string {
  return line === null ? message : `line ${line}: ${message}`;
}

/** The innermost tree that a file is in. */
function treeOf(trees: readonly TreeStatus[], file: string): TreeStatus | null {
  const around = trees.filter(({ root }) => file.startsWith(`${root}/`));
  return around.reduce<TreeStatus | null>(
    (best, tree) => (best === null || tree.root.length > best.root.length ? tree : best),
    null,
  );
}

function countText(n: number, one: string): string {
  return `${number(n)} ${one}${n === 1 ? '' : 's'}`;
}

function number(n: number): string {
  return n.toLocaleString('en');
}

function plainStatus(text: string, detail: string): StatusText {
  return { text, detail, isBusy: false, isWarning: false };
}

function busyStatus(text: string, detail: string): StatusText {
  return { text, detail, isBusy: true, isWarning: false };
}

function warning(text: string, detail: string): StatusText {
  return { text, detail, isBusy: false, isWarning: true };
}
