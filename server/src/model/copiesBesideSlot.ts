import { COPIES } from '../facts/egpr/egprCopies.js';
import type { AsmFunctionFacts } from '../facts/assembly/asmFunction.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import type { Reason } from '../backends/owner.js';
import type { SlotQuestion } from '../syntax/flow/slotAnswer.js';
import type { Gpr } from '../syntax/x86/registers.js';
import type { Place } from '../syntax/flow/origin.js';
import type { WorldSwitchFlow } from '../syntax/flow/worldSwitchFlow.js';
import { argumentsGiven, nameSpan, type GraphNode } from './callGraph.js';
import type { OwnerInputs } from './ownerInputs.js';
import { isRegisterArray } from './slots.js';

/** A register by its enumerator and by the hardware's name, and which way it is moved. */
interface RegisterMoved extends Pick<SlotQuestion, 'gpr' | 'direction'> {
  readonly name: string;
}

/** A function that enters a guest, with its flow. */
export interface EnteringNode extends GraphNode {
  readonly asm: AsmFunctionFacts & { readonly flow: WorldSwitchFlow };
}

/**
 * Functions of C code by which a world switch may move a register's cached value though it does not access its slot: they deal
 * with the register's slot, and with the memory that the world switch has in its place by the same name; or the world switch
 * takes what they return.
 */
export function copiesBesideSlot(
  inputs: OwnerInputs,
  root: EnteringNode,
  { name, gpr, direction }: RegisterMoved,
): Reason[] {
  const held = direction === 'load' ? heldAtEntry : keptBehindExit;
  const { words, callees } = held(root.asm.flow, gpr);
  const names = words.flatMap((word) => namesInC(inputs, root, word));
  if (names.length + callees.length === 0) return [];
  const isOne = (node: GraphNode, { words: mentioned }: FunctionFacts) =>
    callees.includes(node.name) || names.some((word) => mentioned.has(word));
  return inputs.graph.tellingNodes.flatMap((node) =>
    node.c && isOne(node, node.c) && touchesSlot(node.c, name) ? [reasonFor(inputs, node)] : [],
  );
}

/** Memory, and functions whose result it is, that a register's value came from. */
interface Held {
  readonly words: readonly Place[];
  readonly callees: readonly string[];
}

function heldAtEntry({ atEntry }: WorldSwitchFlow, gpr: Gpr): Held {
  const values = atEntry.get(gpr) ?? [];
  return {
    words: values.flatMap((origin) => (origin.kind === 'loaded' ? [origin] : [])),
    callees: values.flatMap((origin) => (origin.kind === 'result' ? [origin.callee] : [])),
  };
}

function keptBehindExit({ afterExit }: WorldSwitchFlow, gpr: Gpr): Held {
  const isOwn = (values: (typeof afterExit)[number]['values']) =>
    values.some((origin) => origin.kind === 'guest' && origin.gpr === gpr);
  return { words: afterExit.filter(({ values }) => isOwn(values)), callees: [] };
}

/** What C code calls a word of memory: the member whose offset a symbol is, the variable; without a symbol, what it gives the address of. */
function namesInC(inputs: OwnerInputs, root: EnteringNode, { base, displacement }: Place): string[] {
  const symbols = [...(displacement?.symbols.keys() ?? [])];
  if (symbols.length > 0) return symbols.map((symbol) => lastName(inputs.offsets.get(symbol) ?? symbol));
  const given = base.kind === 'argument' ? argumentsGiven(inputs.graph, root, base.index - 1) : [];
  return given.filter((argument) => !isRegisterArray(argument)).map(lastName);
}

/** `guest_rbx` of `vcpu.guest_rbx`, of `saved.guest_rbx[1]` and of `offsetof(struct vcpu_svm, guest_rbx)`. */
function lastName(expression: string): string {
  // What an index names is no member.
  const names = expression
    .split('[')
    .flatMap((part, i) => part.slice(i === 0 ? 0 : part.indexOf(']') + 1).match(/\w+/g) ?? []);
  return names.at(-1) ?? expression;
}

function touchesSlot({ references, callFacts }: FunctionFacts, name: string): boolean {
  const isOfSlot = references.some(({ register, storage }) => storage !== 'emulator' && (register ?? name) === name);
  return isOfSlot || callFacts.some((call) => COPIES.test(call.callee) && call.arguments.some(isRegisterArray));
}

function reasonFor({ lineOf }: OwnerInputs, node: GraphNode): Reason {
  const { file, name } = node;
  const line = lineOf(file, nameSpan(node).start);
  return { file, line, what: name, why: 'may copy it to or from memory that the world switch moves in its place' };
}
