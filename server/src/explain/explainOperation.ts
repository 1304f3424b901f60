import { nameSpan, operationName, type GraphNode } from '../model/callGraph.js';
import { lineAt } from '../syntax/text/sourceText.js';
import type { RegisterModel } from '../model/registerModel.js';
import { moveGroups, summaryOf } from './explainFunction.js';
import { code, listed, statement, strong, type Evidence, type Explanation, type Statement } from './explanation.js';

/** What an operation (`cache_reg`, `kvm_x86_cache_reg`) does in each backend; null for one that moves no register. */
export function explainOperation(model: RegisterModel, path: string, name: string): Explanation | null {
  const operation = operationName(name);
  const chains = model.graph.implementations(operation).map((node) => withWrapped(model, node));
  if (!chains.some((chain) => chain.some((node) => movesOf(model, node).length > 0))) return null;
  const near = (chain: readonly GraphNode[]) => (isInTableOf(model, path, operation, chain[0]) ? 0 : 1);
  const ordered = [...chains].sort((a, b) => near(a) - near(b));
  const names = ordered.map((chain) =>
    listed(
      chain.map((node) => code(node.name)),
      ' -> ',
    ),
  );
  return {
    subject: { kind: 'operation', name: operation },
    answer: statement([
      strong(operation),
      ': an operation of the vendor module, ',
      ...names.flatMap((n, i) => (i === 0 ? n : [', ', ...n])),
    ]),
    owners: [],
    notes: ordered.map((chain) => chainNote(model, chain)),
  };
}

/** Whether a file's own table of operations has a function. */
function isInTableOf(model: RegisterModel, path: string, operation: string, node: GraphNode | undefined): boolean {
  const tables = model.graph.tables.filter((table) => table.file === path);
  return tables.some((table) => table.entries.some((e) => e.member === operation && e.function === node?.name));
}

/** An operation's function and, where that only hands on, those that do the work. */
function withWrapped(model: RegisterModel, node: GraphNode): GraphNode[] {
  const references = model.files.get(node.file)?.references ?? [];
  if (references.some((reference) => reference.function === node.name && reference.register !== null)) return [node];
  const working = model.graph
    .callees(node)
    .filter((edge) => edge.operation === null && movesOf(model, edge.callee).length > 0);
  return [node, ...new Set(working.map((edge) => edge.callee))];
}

/** What a function moves, or the helpers that it calls do. */
function movesOf(model: RegisterModel, node: GraphNode): ReturnType<typeof moveGroups> {
  const own = moveGroups(model, node);
  if (own.length > 0) return own;
  const helpers = model.graph
    .callees(node)
    .flatMap((edge) => (edge.operation === null ? moveGroups(model, edge.callee) : []));
  return helpers.filter((group) => group.transfers.some((t) => t.phase === 'on-demand'));
}

function chainNote(model: RegisterModel, chain: readonly GraphNode[]): Statement {
  const moves = summaryOf(chain.flatMap((node) => movesOf(model, node)));
  const names = listed(
    chain.map((node) => code(node.name)),
    ' -> ',
  );
  return statement(
    [...names, moves === '' ? ': moves no register' : `: ${moves}`],
    chain.map((node) => definedAt(model, node)),
  );
}

/** Where a function is defined. */
function definedAt(model: RegisterModel, node: GraphNode): Evidence {
  const source = model.files.get(node.file)?.source;
  return { file: node.file, line: source ? lineAt(source, nameSpan(node).start) : 1 };
}
