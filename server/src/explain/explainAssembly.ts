import { slotsAt, usesForOthers, type AsmMoves, entryInstructions } from '../model/query/assembly.js';
import { exitTitleOf } from '../model/query/backends.js';
import { asmMacroDefinition } from '../model/query/symbolDefinitions.js';
import type { FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { SlotMove } from '../model/slots.js';
import { groupBy } from '../model/groupBy.js';
import { fewLines, lineEvidence } from './evidence.js';
import { code, statement, strong, type Evidence, type Explanation, type Statement } from './explanation.js';
import { keptNotes, slotLines } from './explainWorldSwitch.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { EGPRS } from '../syntax/x86/registers.js';
import { conditionsText } from './slotConditions.js';

/** What an instruction, or a use of an assembly macro, moves to or from memory. */
export function explainAssembly(model: RegisterModel, name: string, moves: AsmMoves): Explanation {
  const { file, asm, transfers } = moves;
  const [first] = transfers;
  const evidence = [lineEvidence(model, file, first.instruction.start)];
  const all = slotsAt(model, file, first.instruction.start);
  const slots = all.filter(({ transfer }) => transfers.includes(transfer));
  const isStore = first.direction === 'store';
  const side = sideOf(model, moves);
  if (slots.length === 0) return explainOtherMemory(name, moves, side, evidence);
  const registers = new Set(slots.map(({ member }) => member.register));
  // What hardware keeps is one of the first sixteen.
  const isOfFirst = !slots.every(({ member }) => EGPRS.has(member.register));
  const whose = slots.every(({ isGuest }) => isGuest) ? 'guest ' : '';
  // XCHG: which half is the guest's depends on when it runs.
  const isSwap = new Set(all.map(({ transfer }) => transfer.direction)).size > 1;
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      [
        isSwap ? 'Swaps ' : isStore ? `Stores ${whose}` : `Loads ${whose}`,
        strong(registerNames([...registers])),
        isSwap ? ' with ' : isStore ? ' to ' : ' from ',
        code('vcpu->arch.regs[]'),
        side,
        slots.every(({ transfer }) => transfer.isOnVmFail) ? ' and on VM-fail' : '',
        conditionsText(model, slots),
      ],
      evidence,
    ),
    owners: [],
    notes: [...(isOfFirst ? keptNotes(model, asm, first.direction) : []), ...macroNotes(model, moves)],
  };
}

/** Registers that go to or come from other memory than the register cache. */
function explainOtherMemory(
  name: string,
  { transfers }: AsmMoves,
  side: string,
  evidence: readonly Evidence[],
): Explanation {
  const registers = new Set(transfers.flatMap(({ gpr }) => gpr ?? []));
  const isStore = transfers[0].direction === 'store';
  // What is loaded into half of a register is no address, and may be a guest's state that no GPR has of its own: an MSR's value.
  const isHost = transfers.every(({ content, width }) => content === 'host' && (isStore || width === 64));
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      [
        isStore ? 'Stores ' : 'Loads ',
        isHost ? 'host ' : '',
        strong([...registers].join(' ')),
        isStore ? ' to memory' : ' from memory',
        ' that is not the register cache',
        side,
        isHost ? '. No guest register moves here' : '. No slot of the register cache is moved here',
      ],
      evidence,
    ),
    owners: [],
    notes: [],
  };
}

/** On which side of a VM-entry something is moved: `, before VM-entry (VMLAUNCH or VMRESUME)`; '' where there is none. */
function sideOf(model: RegisterModel, { asm, transfers: [{ side }] }: AsmMoves): string {
  if (side === 'no-entry') return '';
  if (side === 'after-entry') return `, after ${exitTitleOf(model, asm)}`;
  const entering = entryInstructions(asm).map((instruction) => instruction.toUpperCase());
  return `, before VM-entry${entering.length > 0 ? ` (${entering.join(' or ')})` : ''}`;
}

/** Where the macro is defined that an instruction comes out of. */
function macroNotes(model: RegisterModel, { macro }: AsmMoves): Statement[] {
  const defined = macro && asmMacroDefinition(model, macro.name);
  return defined ? [statement(['Expands ', code(macro.name)], [lineEvidence(model, defined.file, defined.start)])] : [];
}

/** What the uses of an assembly macro move, for its definition. */
export function explainAssemblyMacro(
  model: RegisterModel,
  name: string,
  { slots, defined }: { readonly slots: readonly SlotMove[]; readonly defined: FileSpan },
): Explanation {
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      [strong(name), `: ${macroVerb(slots)} `, code('vcpu->arch.regs[]')],
      [lineEvidence(model, defined.file, defined.start)],
    ),
    owners: [],
    notes: [...slotUses(model, slots), ...otherUses(model, name)],
  };
}

function macroVerb(slots: readonly SlotMove[]): string {
  return slots[0]?.transfer.direction === 'store' ? 'stores guest registers to' : 'loads guest registers from';
}

/** `stores guest registers to the register cache, in __svm_vcpu_run, __vmx_vcpu_run · others in __svm_sev_es_vcpu_run` */
export function asmMacroTitle(model: RegisterModel, name: string, slots: readonly SlotMove[]): string {
  const namesOf = (uses: readonly { readonly name: string }[]) => [...new Set(uses.map((fn) => fn.name))].join(', ');
  const others = namesOf(usesForOthers(model, name).map(({ asm }) => asm));
  const guests = `${macroVerb(slots)} the register cache, in ${namesOf(slots.map((slot) => slot.function))}`;
  return others === '' ? guests : `${guests} · values that are not the guest's in ${others}`;
}

/** Functions that use a macro for what is no guest's register. */
function otherUses(model: RegisterModel, name: string): Statement[] {
  return [...groupBy(usesForOthers(model, name), ({ asm }) => asm)].map(([asm, uses]) =>
    statement(
      ['Also used by ', code(asm.name), ", for values that are not the guest's"],
      fewLines(uses.map(({ file, transfers: [{ instruction }] }) => lineEvidence(model, file, instruction.start))),
    ),
  );
}

/** The functions that moves of cache slots are in, with the lines of their statements. */
export function slotUses(model: RegisterModel, slots: readonly SlotMove[]): Statement[] {
  return [...groupBy(slots, (slot) => slot.function)].map(([{ name }, moves]) =>
    statement(['Used by ', code(name)], fewLines(slotLines(model, moves))),
  );
}
