import type { Status, TreeProblem, TreeStatus } from '../../protocol/protocol.js';

/** What the status item shows. */
export interface StatusText {
  /** With icons as VS Code writes them: `$(warning)`. */
  readonly text: string;
  /** Lines, without marks. */
  readonly details: readonly string[];
  readonly isWarning: boolean;
}

/** What is known when the server has not spoken, and why. */
export type ServerState = 'starting' | 'stopped' | Status;

/** What the window shows. */
export interface WindowState {
  /** The active editor's file, or the window's folder: absolute, with '/', symbolic links resolved. Null for one in no KVM tree. */
  readonly path: string | null;
  /** How many findings the editor shows, of all trees. */
  readonly findings: number;
  /** How many of these are warnings or errors. */
  readonly warnings: number;
}

/** The status of the tree that is worked in. */
export function statusText(server: ServerState, { path, ...counts }: WindowState): StatusText {
  if (server === 'starting') return busyStatus('The server is starting.');
  if (server === 'stopped') return warning('$(error) KVM stopped', ['The server is not running: no answers.']);
  if (server.state === 'indexing') return busyStatus('The tree is being read: only hovers until then.');
  const tree = path === null ? null : treeOf(server.trees, path);
  if (tree === null) return plainStatus('$(chip) KVM', ['No KVM x86 code was found around the file.']);
  return treeText(tree, path, counts);
}

function treeText(
  tree: TreeStatus,
  path: string | null,
  { findings, warnings }: Omit<WindowState, 'path'>,
): StatusText {
  const name = tree.kernel === null ? 'KVM' : `Linux ${tree.kernel}`;
  const text = `$(chip) ${name}${warnings === 0 ? '' : ` $(warning) ${number(warnings)}`}`;
  const details = [
    `${name}: ${tree.root}`,
    `Backends: ${tree.backends.join(', ')}`,
    `Findings: ${findings === 0 ? 'none' : number(findings)}`,
    `Not known: ${tree.openOwners === 0 ? 'nothing' : `something of ${number(tree.openOwners)}`} of ${countText(tree.owners, 'owner')}`,
    `${countText(tree.references, 'reference')} in ${countText(tree.files, 'file')}, read in ${number(Math.round(tree.ms))} ms`,
  ];
  const problems = tree.problems.filter((problem) => `${tree.root}/${problem.file}` === path);
  const [first] = problems;
  if (first !== undefined) {
    const others = problems.length > 1 ? ` and ${countText(problems.length - 1, 'more problem')}` : '';
    return warning(text, [`Something may be missing in this file: ${problemText(first)}${others}`, ...details]);
  }
  const elsewhere = tree.problems.length > 0 ? [`${countText(tree.problems.length, 'problem')} in other files`] : [];
  return plainStatus(text, [...details, ...elsewhere]);
}

/** What the log says of the trees that were read: which kernel, where, and what was not understood. */
export function treeLog(trees: readonly TreeStatus[]): string[] {
  return trees.flatMap(({ root, kernel, backends, files, references, problems }) => [
    `${kernel === null ? 'a kernel of no stated version' : `Linux ${kernel}`} in ${root}: ${countText(files, 'file')}, ${countText(references, 'reference')}, ${backends.join(' ')}; ${countText(problems.length, 'problem')}`,
    ...problems.map((problem) => `  ${problem.file}: ${problemText(problem)}`),
  ]);
}

function problemText({ line, message }: TreeProblem): string {
  return line === null ? message : `line ${line}: ${message}`;
}

/** The innermost tree that a path is in, or that it is. */
function treeOf(trees: readonly TreeStatus[], path: string): TreeStatus | null {
  const around = trees.filter(({ root }) => path === root || path.startsWith(`${root}/`));
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

function plainStatus(text: string, details: readonly string[]): StatusText {
  return { text, details, isWarning: false };
}

function busyStatus(detail: string): StatusText {
  return { text: '$(loading~spin) KVM', details: [detail], isWarning: false };
}

function warning(text: string, details: readonly string[]): StatusText {
  return { text, details, isWarning: true };
}
