import { isOpen, type Owner } from '../backends/owner.js';
import type { Transfer } from '../backends/transfer.js';
import type { AsmFunctionFacts, AsmTransfer } from '../facts/assembly/asmFunction.js';
import { backendEnteredBy, guestSlots, isFollowed, slotsOf, type AsmFunction } from '../model/query/assembly.js';
import { functionNamed } from '../model/query/functions.js';
import { functionUse } from '../model/query/functionUse.js';
import { isSaveArea } from '../model/query/backends.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import type { SlotMove } from '../model/slots.js';
import { fewLines, lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { functionSummary } from './functionTitle.js';
import { moveGroups } from './moveGroups.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { conditionalCount, conditionNotes, namesOf } from './slotConditions.js';
import { wordsOf } from './words.js';

type Direction = AsmTransfer['direction'];

/** What each side of VM-entry moves in a function with assembly. */
export function explainWorldSwitch(model: RegisterModel, { file, asm }: AsmFunction): Explanation {
  const slots = guestSlots(model, asm);
  const [loads, stores] = [movedOnSide(slots, 'load'), movedOnSide(slots, 'store')];
  return {
    subject: { kind: 'function', name: asm.name },
    answer: statement(
      [strong(asm.name), `: ${entryText(model, { file, asm })}`],
      [lineEvidence(model, file, asm.offset)],
    ),
    owners: [],
    notes: [
      ...sideNotes(model, 'Before VM-entry', loads),
      ...sideNotes(model, 'After VM-exit', stores),
      ...conditionNotes(model, slots),
      ...(slots.length > 0 ? keptNotes(model, asm, 'store') : []),
    ],
  };
}

/** What a function moves around VM-entry by assembly, and, of one in C, what that moves beside it. */
function entryText(model: RegisterModel, { file, asm }: AsmFunction): string {
  const node = asm.isInline ? functionNamed(model, asm.name, file) : null;
  const groups = node ? moveGroups(model, node).filter(({ transfers }) => !transfers.some(isOfHardware)) : [];
  if (!node || (groups.length === 0 && functionUse(model, node).bitmaps === null))
    return worldSwitchSummary(model, asm);
  const switched = guestSlots(model, asm).length > 0 ? worldSwitchSummary(model, asm) : 'enters a guest';
  return `${switched} · ${functionSummary(model, node, groups)}`;
}

/** Whether a transfer is to or from a register of the processor: the assembly's. */
function isOfHardware({ from, to }: Transfer): boolean {
  return [from, to].some((side) => side?.kind === 'hardware');
}

/** A side of VM-entry in a line, and what it moves. */
interface Half {
  readonly title: string;
  readonly slots: readonly SlotMove[];
}

/** The same as {@link worldSwitchSummary}, with a line for each side of VM-entry where both move registers. */
export function worldSwitchHalves(model: RegisterModel, asm: AsmFunctionFacts): readonly Half[] {
  const slots = guestSlots(model, asm);
  const [loads, stores] = [movedOnSide(slots, 'load'), movedOnSide(slots, 'store')];
  if (loads.length === 0 || stores.length === 0) return [{ title: worldSwitchSummary(model, asm), slots }];
  return [
    { title: `VM-entry loads ${String(loads.length)} GPRs${conditionalCount(model, loads)}`, slots: loads },
    {
      title: `VM-exit stores ${String(stores.length)} GPRs${vmFailText(stores)}${conditionalCount(model, stores)}${restText(model, asm)}`,
      slots: stores,
    },
  ];
}

/** What it moves, and of which registers not all is known: `VM-entry loads 31 GPRs, VM-exit stores 31 (R16-R31 also on VM-fail), 16 of 31 under conditions (R16-R31); the VMCS keeps RSP` */
export function worldSwitchSummary(model: RegisterModel, asm: AsmFunctionFacts): string {
  const slots = guestSlots(model, asm);
  if (slots.length === 0)
    return isFollowed(model, asm)
      ? 'enters a guest, moves no guest register'
      : 'enters a guest; which guest registers it moves is not known';
  const [loads, stores] = [movedOnSide(slots, 'load'), movedOnSide(slots, 'store')];
  return [
    `VM-entry loads ${String(loads.length)} GPRs, VM-exit stores ${String(stores.length)}${vmFailText(stores)}`,
    conditionalCount(model, slots),
    restText(model, asm),
  ].join('');
}

/** What hardware keeps, and of which registers not all is known; '' for nothing of that. */
function restText(model: RegisterModel, asm: AsmFunctionFacts): string {
  const kept = keptGprs(model, asm, 'store');
  return `${kept ? `; the ${kept.place} keeps ${keptNames(kept)}` : ''}${notKnownText(model, asm)}`;
}

/** `; not all is known of RCX RDX`: the GPRs of which something around VM-entry is not understood; '' for none. */
function notKnownText(model: RegisterModel, asm: AsmFunctionFacts): string {
  const backend = backendEnteredBy(model, asm);
  const open = model.registers.filter(
    ({ class: kind, owners }) =>
      kind === 'gpr' && owners.some((owner) => owner.backend === backend?.name && isOpen(owner.unknown)),
  );
  return open.length === 0 ? '' : `; not all is known of ${registerNames(open.map(({ register }) => register))}`;
}

/** ` (R16-R31 also on VM-fail)`: the stores that are done behind a VM-entry that has failed too; '' for none. */
function vmFailText(stores: readonly SlotMove[]): string {
  const failing = stores.filter(({ transfer }) => transfer.isOnVmFail);
  if (failing.length === 0) return '';
  return failing.length === stores.length ? ' (also on VM-fail)' : ` (${namesOf(failing)} also on VM-fail)`;
}

function movedOnSide(slots: readonly SlotMove[], direction: Direction): SlotMove[] {
  return slots.filter(({ transfer }) => transfer.direction === direction);
}

function sideNotes(model: RegisterModel, when: string, slots: readonly SlotMove[]): Statement[] {
  if (slots.length === 0) return [];
  const names = registerNames(slots.map(({ member }) => member.register));
  return [statement([`${when}: ${names}`], fewLines(slotLines(model, slots)))];
}

/** The lines of the statements that move slots. */
export function slotLines(model: RegisterModel, slots: readonly SlotMove[]) {
  return slots.map(({ file, transfer }) => lineEvidence(model, file, transfer.instruction.start));
}

interface KeptGprs {
  readonly registers: readonly Register[];
  readonly owners: readonly Owner[];
  /** Where hardware keeps them: `VMCB`. */
  readonly place: string;
}

/** The GPRs that the world switch does not move in a direction: hardware keeps them. Null when it moves all. */
function keptGprs(model: RegisterModel, asm: AsmFunctionFacts, direction: Direction): KeptGprs | null {
  const backend = backendEnteredBy(model, asm);
  if (!backend) return null;
  const moved = new Set(movedOnSide(slotsOf(model, asm), direction).map(({ member }) => member.name));
  const isKeptBy = (owner: Owner) => owner.backend === backend.name && isSaveArea(model, owner.place.kind);
  const registers = model.registers.filter(
    ({ class: kind, member, owners }) =>
      kind === 'gpr' && member !== null && !moved.has(member.name) && owners.some(isKeptBy),
  );
  const owners = registers.flatMap((register) => register.owners.filter((owner) => owner.backend === backend.name));
  const [first] = owners;
  return first ? { registers, owners, place: wordsOf(model).place(first.place.kind).title } : null;
}

/** Where the registers are that a world switch leaves to hardware. */
export function keptNotes(model: RegisterModel, asm: AsmFunctionFacts, direction: Direction): Statement[] {
  const kept = keptGprs(model, asm, direction);
  if (!kept) return [];
  const copies = kept.owners.flatMap((owner) => (direction === 'store' ? owner.load : owner.store).slice(0, 1));
  const verb = direction === 'store' ? 'fills the cache from' : 'writes to';
  const by: Phrase[] = copies[0] ? ['; ', code(copies[0].function), ` ${verb} it`] : [];
  const [are, them] = kept.registers.length > 1 ? ['are', 'them'] : ['is', 'it'];
  return [
    statement(
      [`${keptNames(kept)} ${are} not here: hardware keeps ${them} in the ${kept.place}`, ...by],
      copies.map((copy) => ({ file: copy.file, line: copy.line })),
    ),
  ];
}

function keptNames({ registers }: KeptGprs): string {
  return registers.map(({ register }) => register).join(' ');
}
