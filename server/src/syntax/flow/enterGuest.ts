import type { AsmInstruction } from '../assembler/instruction.js';
import { GPRS, type Gpr } from '../x86/registers.js';
import type { Doubt } from './doubt.js';
import { usesHostRip } from './failedEntry.js';
import { arrive, branchOut, siteOf, type Visit } from './flowAnalysis.js';
import { valuesIn, type MachineState } from './machineState.js';
import { union, unknownFor } from './origin.js';

/** Whether VM-entry happens at an instruction itself; a function of the graph is gone through to its own. */
export function isEntryHere({ analysis, node }: Visit, instruction: AsmInstruction): boolean {
  return node.target === null && analysis.options.isEntry(instruction);
}

/**
 * VM-entry, and VM-exit right after it. VM-exit leaves every GPR but RSP with the guest's value; VMRUN restores the host's
 * RAX too (AMD APM volume 2, 15.5.1). VMX goes on at HOST_RIP; what is behind VMLAUNCH is for a VM-entry that failed.
 */
export function enterGuest(visit: Visit, instruction: AsmInstruction): number | null {
  const { analysis, node, state, result, at } = visit;
  const what = siteOf(analysis, at).doubt;
  const isSwitched = (gpr: Gpr) => !keptRegisters(instruction).includes(gpr);
  const registers = new Map(GPRS.filter(isSwitched).map((gpr) => [gpr, valuesIn(state, gpr, what)]));
  result.entries.push({ instruction, registers, isAgain: state.isAfterEntry });
  state.isAfterEntry = true;
  state.written.clear();
  if (node.fixup !== null) arrive(analysis, node.fixup, state);
  const isElsewhere = usesHostRip(instruction) && analysis.exits.length > 0;
  if (isElsewhere && node.next !== null) arrive(analysis, node.next, state);
  leaveToGuest(state, instruction, what);
  if (isElsewhere) return branchOut(visit, analysis.exits);
  if (node.next === null) result.ends.push(state);
  return node.next;
}

/** The GPRs that VM-exit restores to the host's. */
function keptRegisters({ mnemonic }: AsmInstruction): readonly Gpr[] {
  return mnemonic === 'vmrun' ? ['RSP', 'RAX'] : ['RSP'];
}

function leaveToGuest(state: MachineState, instruction: AsmInstruction, what: Doubt): void {
  const kept = keptRegisters(instruction);
  for (const [register, values] of state.registers) {
    if (kept.includes(register)) continue;
    if (GPRS.includes(register)) state.registers.set(register, [{ kind: 'guest', gpr: register }]);
    // A register that the compiler chose, or one of other kinds, which the guest may share.
    else state.registers.set(register, union(values, [unknownFor({ ...what, kind: 'compiler' })], what));
  }
  state.zero = null;
}
