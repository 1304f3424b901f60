import { memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { directCallees, implementationsOf } from './functions.js';
import { referencesOfFunction } from './references.js';
import { crossingsOf } from './transfers.js';

/** An implementation of an operation; where that only hands on, with the functions behind it that do the work. */
export type OperationChain = readonly GraphNode[];

/** What an operation (`cache_reg`, `kvm_x86_cache_reg`) comes to in each backend; empty for one that moves no register. `table`: the struct of its table, where that is told. */
export function operationChains(
  model: RegisterModel,
  name: string,
  table: string | null = null,
): readonly OperationChain[] {
  return chainsByTable(model)(table ?? '')(name);
}

const chainsByTable = memoizeByIdentity((model: RegisterModel) =>
  memoizeByName((table) =>
    memoizeByName((name): readonly OperationChain[] => {
      const chains = implementationsOf(model, name, table === '' ? null : table).map((node) =>
        withWorkers(model, node),
      );
      return chains.some((chain) => chain.some((node) => workersOf(model, node).length > 0)) ? chains : [];
    }),
  ),
);

function withWorkers(model: RegisterModel, node: GraphNode): OperationChain {
  if (referencesOfFunction(model, node).some(({ register }) => register !== null)) return [node];
  return [node, ...directCallees(model, node).filter((callee) => workersOf(model, callee).length > 0)];
}

/** A function itself, if it moves registers; else those that it calls and that fetch some on demand, or set them. */
export function workersOf(model: RegisterModel, node: GraphNode): readonly GraphNode[] {
  if (crossingsOf(model, node).length > 0) return [node];
  const fetches = (callee: GraphNode) =>
    crossingsOf(model, callee).some(({ transfer }) => transfer.phase === 'on-demand' || transfer.phase === 'set');
  const helpers = directCallees(model, node).filter(fetches);
  return helpers.length === 0 && isUsing(model, node) ? [node] : helpers;
}

/** Whether a function reads or writes a register of a copy of KVM's itself. */
function isUsing(model: RegisterModel, node: GraphNode): boolean {
  return referencesOfFunction(model, node).some(({ kind }) => /^(?:read|write|readwrite)$/.test(kind));
}
