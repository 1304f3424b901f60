import { NOTHING_UNKNOWN, type Reason, type Unknowns } from '../backends/owner.js';
import type { AsmFunctionFacts } from '../facts/assembly/asmFunction.js';
import type { RegisterMember } from '../facts/registers/registerFile.js';
import type { Doubt } from '../syntax/flow/doubt.js';
import type { Origin, OriginSet } from '../syntax/flow/origin.js';
import type { LastWrite, WorldSwitchFlow } from '../syntax/flow/worldSwitchFlow.js';
import type { Gpr } from '../syntax/x86/registers.js';
import type { GraphNode } from './callGraph.js';
import type { OwnerInputs } from './ownerInputs.js';
import { entryReason } from './unreadCode.js';
import type { TreeBackend } from './treeBackends.js';

/** A function that a world switch's flow begins with. */
interface Root extends GraphNode {
  readonly asm: AsmFunctionFacts & { readonly flow: WorldSwitchFlow };
}

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
    const reasons = entryReason(inputs, backend);
    return { load: reasons, store: reasons };
  }
  return {
    load: roots.flatMap((root) => reasonsAt(inputs, root, doubtsAfterExit(inputs, root, member))),
    store: roots.flatMap((root) => reasonsAt(inputs, root, doubtsAtEntry(root.asm.flow, gpr))),
  };
}

function rootsOf({ graph }: OwnerInputs, { entries }: TreeBackend): Root[] {
  return graph.nodes.filter(isRoot).filter(({ name, asm }) => {
    const entering = asm.flow.entries.map((entry) => entry.function ?? name);
    return [name, ...entering].some((entry) => entries.includes(entry));
  });
}

function isRoot(node: GraphNode): node is Root {
  return node.asm !== null && node.asm.flow !== null;
}

/** What keeps from knowing what a register holds at VM-entry. */
function doubtsAtEntry({ atEntry, doubts }: WorldSwitchFlow, gpr: Gpr): Doubt[] {
  const before = doubts.filter(({ isAfterEntry }) => !isAfterEntry).map(({ doubt }) => doubt);
  return [...doubtsIn(atEntry.get(gpr) ?? []), ...before];
}

/** What keeps from knowing what a register's slot holds when the world switch ends. */
function doubtsAfterExit(inputs: OwnerInputs, { name, asm: { flow } }: Root, member: RegisterMember): Doubt[] {
  const words = flow.afterExit.filter((word) => mayBeSlot(inputs, word, name, member));
  const isTold = (origin: Origin) => origin.kind === 'guest' && origin.gpr === member.register;
  const written = words.flatMap((word) => {
    const own = doubtsIn(word.values);
    return own.length > 0 || word.values.some(isTold) ? [...own, ...doubtsIn([word.base])] : [];
  });
  return [...written, ...flow.doubts.map(({ doubt }) => doubt)];
}

/** Whether a word is a register's slot, or may be it because its address is not known. */
function mayBeSlot({ slotAt }: OwnerInputs, word: LastWrite, root: string, member: RegisterMember): boolean {
  if (word.displacement === null || doubtsIn([word.base]).length > 0) return true;
  const slot = slotAt({ ...word, wordSize: 8, root });
  return slot === 'unnumbered' || slot?.name === member.name;
}

function doubtsIn(values: OriginSet): Doubt[] {
  return values.flatMap((origin) => doubtOf(origin) ?? []);
}

function doubtOf(origin: Origin): Doubt | null {
  if (origin.kind === 'unknown') return origin.doubt;
  return origin.kind === 'address' || origin.kind === 'loaded' ? doubtOf(origin.base) : null;
}

function reasonsAt({ lineOf }: OwnerInputs, { file, asm }: Root, doubts: readonly Doubt[]): Reason[] {
  const reasons = doubts.map((doubt): Reason => {
    const isNowhere = doubt.end === 0;
    const line = lineOf(file, isNowhere ? asm.offset : doubt.start);
    return { file, line, what: doubt.name === '' ? asm.name : doubt.name, why: WORDS[doubt.kind] };
  });
  return [
    ...new Map(reasons.map((reason) => [`${reason.what} ${String(reason.line)} ${reason.why}`, reason])).values(),
  ];
}

const WORDS: Readonly<Record<Doubt['kind'], string>> = {
  instruction: 'is not understood',
  jump: 'goes on at a place that is not known',
  stack: 'leaves the stack at a depth that is not known',
  memory: 'accesses memory that is not known',
  values: 'leaves too many possible values',
  compiler: 'leaves to the compiler what happens around it',
};
