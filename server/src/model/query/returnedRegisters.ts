import type { Transfer } from '../../backends/transfer.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { GraphNode } from '../callGraph.js';
import { groupBy } from '../groupBy.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { callAt } from './callAt.js';
import { resultTarget } from './callText.js';
import { accessorNamed } from './cSymbols.js';
import { functionText, isInC, type CFunction } from './functions.js';
import { numberedRegister } from './numberedRegisters.js';
import { registerOf } from './registers.js';
import { crossingOf, crossingsOf } from './transfers.js';

/** How many calls a result is followed through. */
const MOST_CALLS = 3;

/** The one register whose value a function returns, read by itself or by what it calls for that; null where that is not told. */
export function registerReturned(model: RegisterModel, node: GraphNode, distance = 0): Register | null {
  const accessor = accessorNamed(model, node.name);
  if (accessor) return accessor.kind === 'read' ? registerOf(model, accessor.member) : null;
  if (!isInC(node) || distance >= MOST_CALLS) return null;
  const text = functionText(model, node);
  const own = crossingsOf(model, node).flatMap(({ register, transfer }) =>
    crossingOf(transfer) === 'returned' || isFilledAndReturned(text, transfer) ? [register] : [],
  );
  const handedOn = model.graph
    .callees(node)
    .filter(({ offset }) => isReturned(text, offset))
    .flatMap(({ callee }) => registerReturned(model, callee, distance + 1) ?? []);
  const [only = null, another] = new Set([...own, ...handedOn]);
  return another ? null : only;
}

/** Whether a function fills a copy that it then returns: `return vmx->exit_qualification;` */
function isFilledAndReturned(text: string, transfer: Transfer): boolean {
  return crossingOf(transfer) === 'into-cache' && text.includes(`return ${transfer.to?.name ?? ''};`);
}

/** Whether a function returns no register's value but the address of its place: `svm_seg`. */
export function returnsAddress(model: RegisterModel, node: GraphNode): boolean {
  return crossingsOf(model, node).some(({ transfer }) => crossingOf(transfer) === 'returned' && transfer.isAddress);
}

/** Whether the result of a call at an offset of a function's text is returned, at once or by a variable that is. */
function isReturned(text: string, offset: number): boolean {
  if (/\breturn\s+(?:\w+\(|\w+(?:\.|->))*$/.test(text.slice(Math.max(0, offset - 80), offset))) return true;
  const target = resultTarget(text, offset);
  return Array.from(text.matchAll(/\breturn\s+(\w+)\s*;/g)).some(([, returned]) => returned === target);
}

/** A call that returns a register's value, or its place's address. */
interface RegisterResult {
  readonly register: Register;
  readonly offset: number;
  readonly callee: string;
  readonly isAddress: boolean;
}

/** The registers that a function sets a variable to by calls that return their values, with the offsets of these in the function. */
export function resultsIn(model: RegisterModel, fn: CFunction, variable: string): readonly RegisterResult[] {
  return (assignedCalls(model)(fn).get(variable) ?? []).flatMap(({ callee, operation, offset }) => {
    const register = registerReturned(model, callee) ?? numberedAt(model, fn, operation ?? callee.name, offset);
    return register
      ? [{ register, offset, callee: operation ?? callee.name, isAddress: returnsAddress(model, callee) }]
      : [];
  });
}

/** The register that the call of a function, or operation, whose name is at an offset reads by its number. */
function numberedAt(model: RegisterModel, fn: CFunction, name: string, offset: number): Register | null {
  const call = callAt(model, fn, offset, name);
  const found = call ? numberedRegister(model, fn, call) : null;
  return found && !found.isSet ? found.register : null;
}

/** The calls of a function by what their results are assigned to. */
const assignedCalls = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction) => {
    const text = functionText(model, fn);
    return groupBy(model.graph.callees(fn), ({ offset }) => resultTarget(text, offset));
  }),
);
