import { memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';
import { fileOffset, type GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { areaUses } from './areaUses.js';
import { areaCopies } from './areaCopies.js';
import { directCallees, implementationsOf, operationTableAt } from './functions.js';
import { referencesOfFunction } from './references.js';
import { crossingsOf } from './transfers.js';
import { unlistedUses } from './unlistedUses.js';

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

/** What an operation comes to that a function calls at an offset, counted from the function's start. */
export function chainsCalled(
  model: RegisterModel,
  node: GraphNode,
  [operation, offset]: readonly [string, number],
): readonly OperationChain[] {
  return operationChains(model, operation, operationTableAt(model, node.file, fileOffset(node, offset), operation));
}

/** Whether an operation that a function calls at an offset is one of a table's, such as a vendor module's: not a callback that code assigns as it runs, `mmu->inject_page_fault`. */
export function isOfTable(
  model: RegisterModel,
  node: GraphNode,
  [operation, offset]: readonly [string, number],
): boolean {
  const struct = operationTableAt(model, node.file, fileOffset(node, offset), operation);
  return model.graph.tables.some((table) => table.struct === struct);
}

const chainsByTable = memoizeByIdentity((model: RegisterModel) =>
  memoizeByName((table) =>
    memoizeByName((name): readonly OperationChain[] => {
      const chains = implementationsOf(model, name, table === '' ? null : table).map((node) =>
        withWorkers(model, node),
      );
      const isMoving = (node: GraphNode) => workersOf(model, node).length > 0 || handedTo(model, node).length > 0;
      return chains.some((chain) => chain.some(isMoving)) ? chains : [];
    }),
  ),
);

function withWorkers(model: RegisterModel, node: GraphNode): OperationChain {
  if (referencesOfFunction(model, node).some(({ register }) => register !== null)) return [node];
  const workers = directCallees(model, node).filter((callee) => workersOf(model, callee).length > 0);
  return [node, ...(workers.length > 0 ? workers : handedTo(model, node))];
}

/** The functions by which one reaches the operation of the vendor module that it is called after: `kvm_get_segment` of `emulator_get_segment`. */
function handedTo(model: RegisterModel, node: GraphNode): readonly GraphNode[] {
  const isReaching = (callee: GraphNode) =>
    model.graph
      .callees(callee)
      .some(
        ({ operation, callee: worker }) =>
          operation !== null && node.name.endsWith(`_${operation}`) && workersOf(model, worker).length > 0,
      );
  return directCallees(model, node).filter(isReaching);
}

/** A function itself, if it moves registers; else those that it calls and that fetch some on demand, or set them. */
export function workersOf(model: RegisterModel, node: GraphNode): readonly GraphNode[] {
  if (crossingsOf(model, node).length > 0 || areaCopies(model, node).length > 0) return [node];
  const fetches = (callee: GraphNode) =>
    crossingsOf(model, callee).some(({ transfer }) => transfer.phase === 'on-demand' || transfer.phase === 'set');
  const helpers = directCallees(model, node).filter(fetches);
  if (helpers.length > 0) return helpers;
  const isUse = isUsing(model, node) || unlistedUses(model, node).length > 0 || areaUses(model, node).length > 0;
  return isUse ? [node] : [];
}

/** Whether a function reads or writes a register of a copy of KVM's itself. */
function isUsing(model: RegisterModel, node: GraphNode): boolean {
  return referencesOfFunction(model, node).some(({ kind }) => /^(?:read|write|readwrite)$/.test(kind));
}
