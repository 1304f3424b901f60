import type { Reference } from '../../facts/registers/reference.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { areaCopies } from './areaCopies.js';
import { directCallees, functionText, isInC } from './functions.js';
import { bitmapUseOf, type BitmapUse } from './bitmaps.js';
import { chainsCalled, workersOf } from './operations.js';
import { referencesOfFunction } from './references.js';

/** What a function does with registers beside moving them between places. */
export interface FunctionUse {
  /** References that read or write a register of the cache or of the emulator's copy, or mark it. */
  readonly references: readonly Reference[];
  readonly bitmaps: BitmapUse | null;
  /** The operations that it calls, each once, with the offset in it. */
  readonly operations: ReadonlyMap<string, number>;
}

/** What a function does with registers. */
export function functionUse(model: RegisterModel, node: GraphNode): FunctionUse {
  const own = referencesOfFunction(model, node).filter(({ kind }) => USING.test(kind));
  const edges = model.graph.callees(node).filter(({ operation }) => operation !== null);
  return {
    references: own,
    bitmaps: isInC(node) ? bitmapUseOf(model, node) : null,
    operations: new Map(edges.map(({ operation, offset }) => [operation ?? '', offset] as const)),
  };
}

/** The function to which one that does nothing with registers itself leaves that: `__kvm_set_rflags` of `kvm_set_rflags`; null for none, or for several. */
export function handedOn(model: RegisterModel, node: GraphNode): GraphNode | null {
  const { references, bitmaps, operations } = functionUse(model, node);
  if (references.length > 0 || bitmaps || operations.size > 0) return null;
  const [only, another] = directCallees(model, node).filter(
    (callee) =>
      isWorkerNamed(callee.name, node.name) ||
      isOtherBackends(callee.name, node.name) ||
      callsOperationOf(model, callee, node.name) ||
      isAllOf(model, node, callee),
  );
  if (!only || another) return null;
  const of = functionUse(model, only);
  const isMoving = [...of.operations].some((call) => chainsCalled(model, only, call).length > 0);
  const isCopying = areaCopies(model, only).length > 0;
  return of.references.length > 0 || of.bitmaps || isMoving || isCopying || workersOf(model, only).length > 0
    ? only
    : null;
}

/** Whether a function is called after one that it does the work of: `__kvm_set_rflags` of `kvm_set_rflags`, `__kvm_emulate_rdmsr` of `kvm_emulate_rdmsr_imm`. */
export function isWorkerNamed(callee: string, name: string): boolean {
  if (callee === name) return false;
  const bare = callee.replace(/^_+/, '');
  return callee.includes(name) || (bare !== callee && name.startsWith(`${bare}_`));
}

/** Characters of a function that only calls another. */
const LONGEST_WRAPPER = 300;

/** Whether a function does nothing but call another with what it is given: `{ writeback_registers(ctxt); }`. */
function isAllOf(model: RegisterModel, node: GraphNode, { name }: GraphNode): boolean {
  if (!isInC(node) || node.c.length > LONGEST_WRAPPER) return false;
  const body = /\{([^{}]*)\}\s*$/.exec(functionText(model, node))?.[1]?.trim() ?? '';
  return body.startsWith(`${name}(`) && /^\w+\([\w, ]*\);$/.test(body);
}

/** Whether two functions are called the same but for whose they are: `vmx_get_segment_base` and `vt_get_segment_base`. */
function isOtherBackends(callee: string, name: string): boolean {
  const rest = (one: string) => /^[a-z]+(_\w+)$/.exec(one)?.[1];
  return callee !== name && rest(callee) !== undefined && rest(callee) === rest(name);
}

/** Whether a function calls an operation that another is called after: `get_segment` of `emulator_get_segment`. */
function callsOperationOf(model: RegisterModel, callee: GraphNode, name: string): boolean {
  return model.graph.callees(callee).some(({ operation }) => operation !== null && name.endsWith(`_${operation}`));
}

const USING = /^(?:read|write|readwrite|mark-\w+)$/;
