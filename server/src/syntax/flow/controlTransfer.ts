import type { AsmInstruction } from '../assembler/instruction.js';
import { branchCondition } from '../x86/mnemonics.js';
import { argumentRegisters, registerPart, type Gpr } from '../x86/registers.js';
import { indirectRegister } from './control.js';
import { targetLabel } from './controlFlowGraph.js';
import { doubtAt, type Doubt } from './doubt.js';
import { applyEffect } from './effect.js';
import { arrive, branchOut, doubt, doubtOf, siteOf, stepOf, type Visit } from './flowAnalysis.js';
import { FIRST_FRAME, copyOf, pop, push, returnNodes, valuesIn } from './machineState.js';
import { union, unknownFor, type Origin } from './origin.js';

/** A jump, also one to another function of the graph; a jump out of it ends the way as a return does. */
export function jump(visit: Visit, instruction: AsmInstruction): number | null {
  const { node, state, result } = visit;
  if (node.target !== null) return node.target;
  const through = targetsThroughRegister(visit, instruction);
  if (through.length > 0) return branchOut(visit, through);
  const label = targetLabel(instruction.operands);
  const { noReturn, inC } = visit.analysis.options;
  if (label !== null && noReturn.has(label)) return null;
  if (label === null) doubt(visit, instruction, 'jump');
  else if (!inC.has(label) && state.isAfterEntry) doubt(visit, instruction, 'callee', label);
  result.ends.push(state);
  return null;
}

/** A conditional jump; where ZF is known, one way. */
export function branch(visit: Visit, instruction: AsmInstruction): number | null {
  const { analysis, node, state } = visit;
  const condition = branchCondition(instruction.mnemonic);
  const isTaken = condition?.flag === 'ZF' && state.zero !== null ? state.zero === condition.isSet : null;
  if (instruction.mnemonic.startsWith('loop')) applyEffect(stepOf(visit, instruction));
  if (isTaken !== false) {
    if (node.target !== null) arrive(analysis, node.target, state);
    else jump({ ...visit, state: copyOf(state) }, instruction);
  }
  return isTaken === true ? null : node.next;
}

/** A call: of a function of the graph, it is gone through; of another, what that may change is changed. */
export function call(visit: Visit, instruction: AsmInstruction): number | null {
  const { analysis, node, state } = visit;
  const { wordSize, noReturn, inC, withoutArguments } = analysis.options;
  const callee = targetLabel(instruction.operands);
  const targets = node.target === null ? targetsThroughRegister(visit, instruction) : [node.target];
  if (targets.length > 0) {
    push(state, [{ kind: 'return-address', node: node.next ?? FIRST_FRAME }], wordSize);
    return branchOut(visit, targets);
  }
  if (callee !== null && noReturn.has(callee)) return null;
  // What is patched in is assembly that keeps the registers that its caller needs (asm/nospec-branch.h).
  const isUnderstood = instruction.alternative !== null || (callee !== null && inC.has(callee));
  const takesArguments = callee !== null && inC.has(callee) && !withoutArguments.has(callee);
  const given = takesArguments ? guestsGiven(visit) : NO_REGISTERS;
  applyEffect(stepOf(visit, instruction));
  if (!isUnderstood) leaveToUnknown(visit, instruction, callee ?? instruction.mnemonic);
  else if (given.size > 0)
    doubtOf(visit, { ...doubtAt('argument', instruction), name: callee ?? instruction.mnemonic }, given);
  return node.next;
}

/** A return: to where the stack says; at the function's own return address the way ends. */
export function returnFrom(visit: Visit, instruction: AsmInstruction): null {
  const { analysis, state, result } = visit;
  if (state.frame === FIRST_FRAME && state.depth >= 0) {
    result.ends.push(state);
    return null;
  }
  const { doubt: what } = siteOf(analysis, visit.at);
  const calls = returnNodes(state);
  const addresses = pop(state, analysis.options.wordSize, what);
  const nodes = addresses.map((origin) =>
    origin.kind === 'return-address' ? origin.node : codeAt(visit, instruction, origin),
  );
  const known = nodes.filter((node) => node !== null);
  if (addresses.some((origin, i) => nodes[i] === null && mayBeCode(origin))) doubt(visit, instruction, 'stack');
  const last = calls.at(-1);
  const targets = known.length > 0 || last === undefined ? known : [last];
  for (const node of targets) if (node !== FIRST_FRAME) arrive(analysis, node, state);
  if (targets.length === 0) result.ends.push(state);
  return null;
}

const NO_REGISTERS: ReadonlySet<Gpr> = new Set();

/**
 * The registers whose guest's values C code may see that is called: those in a register that it takes an argument from, put there for
 * it or left over, and, where an argument may be an address of the stack, those in the stack.
 */
function guestsGiven({ analysis: { options }, state }: Visit): ReadonlySet<Gpr> {
  const given = argumentRegisters(options.wordSize).flatMap((gpr) => state.registers.get(gpr) ?? []);
  const isGivenStack = given.some((origin) => isOfStack(origin) || origin.kind === 'unknown');
  const inStack = isGivenStack ? [...state.stack.values()].flatMap(({ values }) => values) : [];
  return new Set([...given, ...inStack].flatMap((origin) => (origin.kind === 'guest' ? [origin.gpr] : [])));
}

function isOfStack(origin: Origin): boolean {
  return origin.kind === 'address' ? isOfStack(origin.base) : origin.kind === 'stack';
}

/** The nodes that a jump or call through a register leads to; none where that may also be other code. */
function targetsThroughRegister(visit: Visit, instruction: AsmInstruction): readonly number[] {
  const register = indirectRegister(instruction);
  const part = register === null ? null : registerPart(register);
  if (!part) return [];
  const nodes = valuesIn(visit.state, part.gpr, siteOf(visit.analysis, visit.at).doubt).map((origin) =>
    codeAt(visit, instruction, origin),
  );
  const known = nodes.filter((node) => node !== null);
  return known.length === nodes.length ? known : [];
}

/** The node whose address a value is; null where it is none of this code's, or not known. */
function codeAt({ analysis }: Visit, { file }: AsmInstruction, origin: Origin): number | null {
  const form = origin.kind === 'constant' ? origin.value : origin.kind === 'address' ? origin.displacement : null;
  const isVariable = origin.kind === 'address' && origin.base.kind === 'variables' && origin.base.segment === null;
  const [symbol, another] = form?.symbols ?? [];
  if (!symbol || another || form?.constant !== 0 || !(origin.kind === 'constant' || isVariable)) return null;
  const [label, count] = symbol;
  return count === 1 && !/^\d/.test(label) ? analysis.graph.labelled(label, file) : null;
}

/** A call of code that is not read: it may load any register, and behind VM-exit store any. */
function leaveToUnknown(visit: Visit, instruction: AsmInstruction, callee: string): void {
  const { state } = visit;
  const what: Doubt = { ...doubtAt('callee', instruction), name: callee };
  for (const [register, values] of state.registers)
    state.registers.set(register, union(values, [unknownFor(what)], what));
  if (state.isAfterEntry) visit.result.doubts.push({ doubt: what, isAfterEntry: true });
}

/** Whether code that is not followed may be where a return goes. A register's old value is none: what should have popped it is missing. */
function mayBeCode({ kind }: Origin): boolean {
  return kind !== 'guest' && kind !== 'host' && kind !== 'stack';
}
