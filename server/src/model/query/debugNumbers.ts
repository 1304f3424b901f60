import { CACHE_MEMBER } from '../../facts/symbols/cacheNames.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { argumentTexts, parameterNames, resultTarget } from './callText.js';
import { functionText, isInC } from './functions.js';
import { soleName } from './taskPriority.js';

/** A function that reads or writes KVM's copy of a debug register by its number, or has another do so. */
interface DebugAccessor {
  /** Which parameter the number is, 0-based. */
  readonly number: number;
  readonly isWriting: boolean;
}

/** How many calls a number is followed through: an operation of the emulator, its implementation, the accessor, its worker. */
const MOST_CALLS = 4;

const accessorOf = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((node: GraphNode) => accessorWithin(model, node, 0)),
);

function accessorWithin(model: RegisterModel, node: GraphNode, distance: number): DebugAccessor | null {
  if (!isInC(node) || distance >= MOST_CALLS) return null;
  const text = functionText(model, node);
  const parameters = parameterNames(text);
  const number = parameters.indexOf(/\bswitch \((\w+)\)/.exec(text)?.[1] ?? '');
  if (number >= 0 && ADDRESSES.test(text) && CONTROL.test(text)) return { number, isWriting: WRITTEN.test(text) };
  for (const { callee, offset } of model.graph.callees(node)) {
    const inner = parameters.length < 2 ? null : accessorWithin(model, callee, distance + 1);
    const own = inner ? parameters.indexOf(argumentTexts(text, offset)[inner.number] ?? '') : -1;
    if (inner && own >= 0) return { ...inner, number: own };
  }
  return null;
}

/** Such a function has all of them: the addresses of DR0-DR3, and DR7 (asm/kvm_host.h). */
const ADDRESSES = new RegExp(`\\b${CACHE_MEMBER}\\.db\\[`);
const CONTROL = new RegExp(`\\b${CACHE_MEMBER}\\.dr7\\b`);
const WRITTEN = new RegExp(`\\b${CACHE_MEMBER}\\.dr7\\s*=(?!=)`);

/** What a call does to a variable with a debug register whose number is a constant: `get_dr(ctxt, 7, &dr7)`. */
interface DebugValue {
  readonly variable: string;
  readonly register: string;
  readonly isWritten: boolean;
}

/** What the call of a function at an offset of a text does with a debug register's value by way of variables. */
export function debugValues(
  model: RegisterModel,
  node: GraphNode,
  text: string,
  offset: number,
): readonly DebugValue[] {
  const accessor = accessorOf(model)(node);
  const given = accessor ? argumentTexts(text, offset) : [];
  const number = accessor ? given[accessor.number] : undefined;
  if (!accessor || number === undefined || !/^\d$/.test(number)) return [];
  const base = { register: `DR${number}`, isWritten: accessor.isWriting };
  const others = given.slice(accessor.number + 1);
  if (accessor.isWriting)
    return others.flatMap((one) => soleName(one) ?? []).map((variable) => ({ ...base, variable }));
  const addresses = others.flatMap((one) => /^&(\w+)$/.exec(one)?.[1] ?? []);
  const target = resultTarget(text, offset);
  const variables = addresses.length > 0 || target === null ? addresses : [target];
  return variables.map((variable) => ({ ...base, variable }));
}

/** The debug register that a call sets, by its number as written, and the value that it gives it: `DR7` of `kvm_set_dr(vcpu, 7, val)`; null for any other call. */
export function debugGiven(
  model: RegisterModel,
  node: GraphNode,
  given: readonly string[],
): { readonly register: string; readonly value: string } | null {
  const accessor = accessorOf(model)(node);
  if (!accessor?.isWriting) return null;
  const [number, value] = given.slice(accessor.number);
  if (number === undefined || value === undefined) return null;
  return { register: /^\d$/.test(number) ? `DR${number}` : `DR0-DR7, by number ${number},`, value };
}
