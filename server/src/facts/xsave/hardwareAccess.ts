import type { CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { INSTRUCTION_FUNCTIONS, PKRU, STATE_MSRS, XCR0, XCR0_INDEX, type StateRegister } from './stateInterfaces.js';

/** A write to a register of XSAVE, with the value that is written. */
interface HardwareWrite {
  readonly register: StateRegister;
  readonly value: CNode;
}

/** A read of one, with where the value goes. */
interface HardwareRead {
  readonly register: StateRegister;
  readonly target: CNode;
}

/** The write that a call is, or null: `xsetbv(XCR_XFEATURE_ENABLED_MASK, x)`, `wrmsrq(MSR_IA32_XSS, x)`, `wrpkru(x)`. */
export function hardwareWrite(context: FunctionContext, call: CNode): HardwareWrite | null {
  const name = calleeName(context, call);
  const given = argumentsOf(call);
  const [first, second] = given;
  if (first && INSTRUCTION_FUNCTIONS.wrpkru.test(name)) return { register: PKRU, value: first };
  const register = INSTRUCTION_FUNCTIONS.xsetbv.test(name)
    ? xcr(context, first)
    : INSTRUCTION_FUNCTIONS.wrmsr.test(name)
      ? msr(context, first)
      : null;
  return register && second ? { register, value: second } : null;
}

/** The register whose value a call returns, or null. */
export function hardwareRead(context: FunctionContext, node: CNode): StateRegister | null {
  if (node.type !== 'call_expression') return null;
  const name = calleeName(context, node);
  const given = argumentsOf(node);
  if (INSTRUCTION_FUNCTIONS.rdpkru.test(name)) return PKRU;
  if (given.length !== 1) return null;
  if (INSTRUCTION_FUNCTIONS.xgetbv.test(name)) return xcr(context, given[0]);
  return INSTRUCTION_FUNCTIONS.readMsr.test(name) ? msr(context, given[0]) : null;
}

/** The read that a macro is which puts the value into its second argument, or null: `rdmsrq(MSR_IA32_XSS, x)`. */
export function hardwareReadInto(context: FunctionContext, call: CNode): HardwareRead | null {
  const [first, target] = argumentsOf(call);
  if (!target || !INSTRUCTION_FUNCTIONS.rdmsr.test(calleeName(context, call))) return null;
  const register = msr(context, first);
  return register && { register, target };
}

/** The MSR of XSAVE that an argument names, itself or as a local variable's only value, or null. */
export function msr(context: FunctionContext, argument: CNode | undefined): StateRegister | null {
  if (!argument) return null;
  const node = bareExpression(argument);
  const name = textOf(context, node);
  const named = STATE_MSRS.get(name);
  if (named || node.type !== 'identifier' || !context.tree.variables.has(name)) return named ?? null;
  const [only, another] = reachingDefinitions(context.tree, node).found;
  return only && !another ? (STATE_MSRS.get(textOf(context, bareExpression(only.value))) ?? null) : null;
}

function xcr(context: FunctionContext, argument: CNode | undefined): StateRegister | null {
  return argument && XCR0_INDEX.has(textOf(context, bareExpression(argument))) ? XCR0 : null;
}
