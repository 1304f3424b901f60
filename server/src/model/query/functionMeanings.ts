import { operationName, type GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { areaCopies } from './areaCopies.js';
import { isWorldSwitch } from './assembly.js';
import { fieldServedBy } from './fieldFunctions.js';
import { functionVisibleIn, isInC, isOnEntryPath, operationTableAt } from './functions.js';
import { functionUse, handedOn } from './functionUse.js';
import { hostFieldsWritten } from './hostFields.js';
import { isHostOnly } from './hostCode.js';
import { registersHandedOn } from './numberedRegisters.js';
import { chainsCalled, operationChains, workersOf } from './operations.js';
import { referenceGivenTo } from './references.js';
import { copiesEmptiedBy } from './registerCopies.js';
import { indexedFunctionNamed, wrapperNamed } from './cSymbols.js';
import { crossingsOf } from './transfers.js';
import { unlistedUses } from './unlistedUses.js';
import { unlistedSetBy } from './unlistedValues.js';
import { assignmentsThrough } from './xsaveAssignments.js';
import type { Meaning, Word } from './meaning.js';

/** A call of a function that takes a register's number, or clears them all, by what it is given; else such a function. */
export function indexedMeaning({ model, path, start, name }: Word): Meaning | null {
  const indexed = indexedFunctionNamed(model, name);
  // memset() of the array counts as a call that is given a register's number.
  const given = indexed || name === 'memset' ? referenceGivenTo(model, path, start) : null;
  if (given) return { kind: 'reference', reference: given };
  return indexed && { kind: 'indexed-function', indexed };
}

/** An operation, of the table that it is called by, if any. */
export function operationMeaning({ model, path, start, name }: Word): Meaning | null {
  const chains = operationChains(model, name, operationTableAt(model, path, start, name));
  return chains.length > 0 ? { kind: 'operation', operation: operationName(name), chains } : null;
}

/** Whether a word is called by way of a table of operations, `kvm_x86_call(set_efer)`, so that no function of its name is meant. */
export function isOperationCall({ model, path, start, name }: Word): boolean {
  return operationTableAt(model, path, start, name) !== null;
}

/** A function that is seen where its name stands, by what is known of it. */
export function functionMeaning({ model, path, start, name }: Word): Meaning | null {
  const node = functionVisibleIn(model, name, path);
  if (!node) return null;
  const { asm, c, file } = node;
  const fn = asm && !c ? { file, asm } : null;
  if (fn && isWorldSwitch(model, fn)) return { kind: 'world-switch', fn };
  if (crossingsOf(model, node).length > 0 || (c?.clears.length ?? 0) > 0) return { kind: 'function', node };
  const assignments = assignmentsThrough(model, node);
  if (assignments.length > 0 && !isHostOnly(model, path, start)) return { kind: 'xsave-function', node, assignments };
  const wrapper = wrapperNamed(model, name);
  if (wrapper) return { kind: 'wrapper', wrapper };
  if (usesRegisters(model, node)) return { kind: 'function', node };
  const words = fieldServedBy(model, node);
  return words === null ? null : { kind: 'field', words };
}

/** Whether a function reads, writes or marks registers, changes the bitmaps of all, or calls an operation that moves some. */
function usesRegisters(model: RegisterModel, node: GraphNode): boolean {
  const { references, bitmaps, operations } = functionUse(model, node);
  if (references.length > 0 || bitmaps || isOnEntryPath(model, node)) return true;
  if (areaCopies(model, node).length > 0 || (isInC(node) && registersHandedOn(model, node).length > 0)) return true;
  if (copiesEmptiedBy(model, node).length > 0 || hostFieldsWritten(model, node).length > 0) return true;
  if (handedOn(model, node) || workersOf(model, node).length > 0 || unlistedUses(model, node).length > 0) return true;
  if (isInC(node) && unlistedSetBy(model, node).length > 0) return true;
  return [...operations].some((call) => chainsCalled(model, node, call).length > 0);
}
