import { NOTHING_UNKNOWN, type Reason, type Unknowns } from '../backends/owner.js';
import type { RegisterMember } from '../facts/registers/registerMember.js';
import type { Doubt } from '../syntax/flow/doubt.js';
import type { Place } from '../syntax/flow/origin.js';
import { slotAnswer, type SlotQuestion } from '../syntax/flow/slotAnswer.js';
import type { GraphNode } from './callGraph.js';
import { copiesBesideSlot, type EnteringNode } from './copiesBesideSlot.js';
import type { OwnerInputs } from './ownerInputs.js';
import type { AddressedWord } from './slots.js';
import { entryReason } from './unreadCode.js';
import type { TreeBackend } from './treeBackends.js';

/**
 * Why it is not known whether a backend's world switch moves a register between hardware and its slot, beyond the moves that
 * were found. No reason for a direction is a proof that there are none: every way through it is followed, and at VM-entry the
 * register, or behind VM-exit its slot, is known to hold something else.
 */
export function switchUnknowns(inputs: OwnerInputs, member: RegisterMember, backend: TreeBackend): Unknowns {
  const gpr = member.register;
  // VM-entry loads RSP itself, on Intel and on AMD (SDM vol. 3, 28.3.2.3; APM vol. 2, 15.5.1).
  if (member.class !== 'gpr' || gpr === 'RSP') return NOTHING_UNKNOWN;
  const roots = rootsOf(inputs, backend);
  if (roots.length === 0) {
    const reasons = [...entryReason(inputs, backend), ...unreachedEntries(inputs, backend)];
    return { load: reasons, store: reasons };
  }
  const ask = (direction: SlotQuestion['direction']) =>
    roots.flatMap((root) => {
      const isSlot = (place: Place) => isSlotOf(inputs, { ...place, wordSize: 8, root: root.name }, member);
      const answer = slotAnswer(root.asm.flow, { gpr, direction, isSlot });
      if (answer.kind === 'unknown') return answer.doubts.map((doubt) => reasonFor(inputs, root, doubt));
      return answer.kind === 'absent' ? copiesBesideSlot(inputs, root, { name: member.name, gpr, direction }) : [];
    });
  // What the world switch stores fills the cache.
  return { load: ask('store'), store: ask('load') };
}

/** VM-entries that no way through their function comes to, as far as it is understood: a directive or a jump on the way is not. */
function unreachedEntries({ graph, lineOf }: OwnerInputs, { entries }: TreeBackend): Reason[] {
  return graph.tellingNodes.flatMap(({ file, name, asm }): Reason[] => {
    if (!asm?.entry || asm.flow !== null || !entries.includes(name)) return [];
    const { instruction: what, offset } = asm.entry;
    return [{ file, line: lineOf(file, offset), what, why: 'is on no way through its function that is understood' }];
  });
}

function isSlotOf({ slotAt }: OwnerInputs, word: AddressedWord, member: RegisterMember): boolean | null {
  const slot = slotAt(word);
  if (slot !== null) return slot === 'unnumbered' || slot === 'undefined' ? null : slot === member;
  // C code may make a word that it hands to asm() a copy of any slot.
  return word.base.kind === 'operand' && word.base.expression.startsWith('&') ? null : false;
}

function rootsOf({ graph }: OwnerInputs, { entries }: TreeBackend): EnteringNode[] {
  return graph.tellingNodes.filter(isRoot).filter(({ name, asm }) => {
    const entering = asm.flow.entries.map((entry) => entry.function ?? name);
    return [name, ...entering].some((entry) => entries.includes(entry));
  });
}

function isRoot(node: GraphNode): node is EnteringNode {
  return node.asm !== null && node.asm.flow !== null;
}

function reasonFor(
  { lineOf }: OwnerInputs,
  { file, asm }: EnteringNode,
  { kind, name, start, end, ...doubt }: Doubt,
): Reason {
  // What is about all of the function has no place in it.
  const line = end === 0 ? lineOf(file, asm.offset) : lineOf(doubt.file ?? file, start);
  return { file: doubt.file ?? file, line, what: name === '' ? asm.name : name, why: WORDS[kind] };
}

const WORDS: Readonly<Record<Doubt['kind'], string>> = {
  instruction: 'is not understood',
  jump: 'goes on at a place that is not known',
  stack: 'leaves the stack at a depth that is not known',
  memory: 'accesses memory that is not known',
  values: 'leaves too many possible values',
  compiler: 'leaves to the compiler what happens around it',
  callee: 'is not in the code that was read',
  argument: "is given a guest's value, which it may keep",
  operand: 'comes from or goes to C code that is not followed',
  width: 'moves a part of the register, and not the rest',
};
