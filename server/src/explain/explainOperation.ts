import { lineAt } from '../syntax/sourceText.js';
import { operationName, type GraphNode } from '../model/callGraph.js';
import type { RegisterModel } from '../model/registerModel.js';
import { moveGroups } from './explainFunction.js';
import { code, listed, statement, strong, type Evidence, type Explanation, type Statement } from './explanation.js';

/** What an operation (`cache_reg`, `kvm_x86_cache_reg`) does in each backend; null for one that moves no register. */
export function explainOperation(model: RegisterModel, name: string): Explanation | null {
  const operation = operationName(name);
  const chains = model.graph.implementations(operation).map((node) => withWrapped(model, node));
  const notes = chains.map((chain) => chainNote(model, chain));
  if (!chains.some((chain) => chain.some((node) => moveGroups(model, node).length > 0))) return null;
  const last = chains.flatMap((chain) => chain.at(-1)?.name ?? []);
  return {
    subject: { kind: 'operation', name: operation },
    answer: statement([strong(operation), ': an operation of the vendor module, ', ...listed(last.map(code))]),
    owners: [],
    notes,
  };
}

/** An operation's function and, where that only hands on, those that do the work. */
function withWrapped(model: RegisterModel, node: GraphNode): GraphNode[] {
  if (moveGroups(model, node).length > 0) return [node];
  const working = model.graph
    .callees(node)
    .filter((edge) => edge.operation === null && moveGroups(model, edge.callee).length > 0);
  return [node, ...new Set(working.map((edge) => edge.callee))];
}

function chainNote(model: RegisterModel, chain: readonly GraphNode[]): Statement {
  const moves = chain
    .flatMap((node) => moveGroups(model, node))
    .map((group) => `${group.registers.join(' ')} ${group.words}`);
  const names = listed(
    chain.map((node) => code(node.name)),
    ' -> ',
  );
  return statement(
    [...names, moves.length > 0 ? `: ${moves.join(' · ')}` : ': moves no register'],
    chain.map((node) => definedAt(model, node)),
  );
}

/** Where a function is defined. */
export function definedAt(model: RegisterModel, node: GraphNode): Evidence {
  const source = model.files.get(node.file)?.source;
  const offset = node.c?.offset ?? node.asm?.offset ?? 0;
  return { file: node.file, line: source ? lineAt(source, offset) : 1 };
}
