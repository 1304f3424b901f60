import type { Owner } from '../backends/owner.js';
import { lineAt } from '../syntax/text/sourceText.js';
import type { AsmFunctionFacts, AsmTransfer } from '../facts/assembly/asmFunction.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import type { SlotMove } from '../model/slots.js';
import {
  code,
  statement,
  strong,
  type Evidence,
  type Explanation,
  type Phrase,
  type Statement,
} from './explanation.js';

/** What an assembly macro's use, or an instruction, at an offset moves; null when it moves nothing to or from memory. */
export function explainAssembly(model: RegisterModel, path: string, offset: number, name: string): Explanation | null {
  const file = model.assembly.find((asm) => asm.source.path === path);
  const fn = file?.functions.find((f) => f.transfers.some((t) => covers(t, offset)));
  if (!file || !fn) return null;
  const here = fn.transfers.filter((t) => covers(t, offset) && t.wordSize === 8);
  const transfers = here.length > 0 ? here : fn.transfers.filter((t) => covers(t, offset));
  const [first] = transfers;
  if (!first) return null;
  const slots = model.slots.filter((slot) => slot.file === path && transfers.includes(slot.transfer));
  const side = sideWords(fn, first);
  const line = lineAt(file.source, first.instruction.start);
  if (slots.length === 0) return explainOther(name, transfers, side, path, line);
  const registers = [...new Set(slots.map((slot) => slot.member.register))];
  const isStore = first.direction === 'store';
  const whose = slots.every((slot) => slot.isGuest) ? 'guest ' : '';
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      [
        isStore ? `Stores ${whose}` : `Loads ${whose}`,
        strong(registers.join(' ')),
        isStore ? ' to ' : ' from ',
        code('vcpu->arch.regs[]'),
        side,
      ],
      [{ file: path, line }],
    ),
    owners: [],
    notes: [...restNotes(model, fn, first.direction), ...macroNotes(model, first)],
  };
}

/** Where the macro is defined that an instruction comes out of. */
function macroNotes(model: RegisterModel, transfer: AsmTransfer): Statement[] {
  const [macro] = transfer.instruction.expansion;
  const defined = macro ? macroDefinition(model, macro.name) : null;
  return macro && defined ? [statement(['Expands ', code(macro.name)], [defined])] : [];
}

/** The line of a GNU as macro's `.macro`. */
function macroDefinition(model: RegisterModel, name: string): Evidence | null {
  const pattern = new RegExp(`^[ \\t]*\\.macro[ \\t]+${name}\\b`, 'm');
  for (const [path, { source }] of model.files) {
    const found = source.text.includes('.macro') ? pattern.exec(source.text) : null;
    if (found) return { file: path, line: lineAt(source, found.index) };
  }
  return null;
}

/** What the uses of an assembly macro move, for its definition; null for a macro that moves no guest register. */
export function explainAsmMacro(model: RegisterModel, name: string): Explanation | null {
  const slots = model.slots.filter(
    (slot) => slot.isGuest && slot.transfer.instruction.expansion.some((use) => use.name === name),
  );
  const defined = macroDefinition(model, name);
  const [first] = slots;
  if (!first || !defined) return null;
  const verb = first.transfer.direction === 'store' ? 'stores guest registers to ' : 'loads guest registers from ';
  return {
    subject: { kind: 'assembly', name },
    answer: statement([strong(name), `: ${verb}`, code('vcpu->arch.regs[]')], [defined]),
    owners: [],
    notes: slotUses(model, slots),
  };
}

/** The functions that moves of cache slots are in, with the lines of their statements. */
export function slotUses(model: RegisterModel, slots: readonly SlotMove[]): Statement[] {
  const byFunction = new Map<string, SlotMove[]>();
  for (const slot of slots) {
    const key = `${slot.file} ${slot.function.name}`;
    byFunction.set(key, [...(byFunction.get(key) ?? []), slot]);
  }
  return [...byFunction.values()].flatMap((moves) => {
    const [first] = moves;
    const source = first ? model.files.get(first.file)?.source : undefined;
    if (!first || !source) return [];
    const lines = [...new Set(moves.map((slot) => lineAt(source, slot.transfer.instruction.start)))];
    const evidence = shownLines(lines).map((line) => ({ file: first.file, line }));
    return [statement(['Used by ', code(first.function.name)], evidence)];
  });
}

/** Lines shown for one statement at the most. */
const MOST_LINES = 4;

/** All of a few lines, or the first and the last of many. */
function shownLines(lines: readonly number[]): number[] {
  const sorted = [...lines].sort((a, b) => a - b);
  return sorted.length <= MOST_LINES ? sorted : [...sorted.slice(0, 1), ...sorted.slice(-1)];
}

function covers(transfer: AsmTransfer, offset: number): boolean {
  return transfer.instruction.start <= offset && offset < transfer.instruction.end;
}

function sideWords(fn: AsmFunctionFacts, transfer: AsmTransfer): Phrase {
  const entry = fn.entry?.instruction.toUpperCase() ?? 'VM-entry';
  const exit = entry === 'VMRUN' ? '#VMEXIT' : 'VM-exit';
  if (transfer.side === 'after-entry') return `, after ${exit}`;
  return transfer.side === 'before-entry' ? `, before ${entry === 'VM-entry' ? entry : `VM-entry (${entry})`}` : '';
}

function explainOther(
  name: string,
  transfers: readonly AsmTransfer[],
  side: Phrase,
  path: string,
  line: number,
): Explanation {
  const registers = [...new Set(transfers.flatMap((t) => (t.gpr === null ? [] : [t.gpr])))].join(' ');
  const isHost = transfers.every((t) => t.content === 'host');
  const isStore = transfers[0]?.direction === 'store';
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      [
        isStore ? 'Stores ' : 'Loads ',
        isHost ? 'host ' : '',
        strong(registers),
        isStore ? ' to memory' : ' from memory',
        ' that is not the register cache',
        side,
        '. No guest register moves here',
      ],
      [{ file: path, line }],
    ),
    owners: [],
    notes: [],
  };
}

interface KeptGprs {
  readonly registers: readonly Register[];
  readonly owners: readonly Owner[];
  /** Where hardware keeps them: `VMCB`. */
  readonly place: string;
}

/** The GPRs that the world switch does not move in a direction: hardware keeps them. Null when it moves all. */
function keptGprs(model: RegisterModel, fn: AsmFunctionFacts, direction: AsmTransfer['direction']): KeptGprs | null {
  const moved = new Set(
    model.slots
      .filter((slot) => slot.function === fn && slot.transfer.direction === direction)
      .map((slot) => slot.member.name),
  );
  const backend = model.backends.find(
    (b) => b.entries.includes(fn.name) || fn.calls.some((call) => b.entries.includes(call.name)),
  );
  if (!backend) return null;
  const isKept = ({ class: kind, member, owners }: Register) =>
    kind === 'gpr' && member !== null && !moved.has(member.name) && owners.some((o) => isInSaveArea(o, backend.name));
  const registers = model.registers.filter(isKept);
  if (registers.length === 0) return null;
  const owners = registers.flatMap((register) => register.owners.filter((owner) => owner.backend === backend.name));
  return { registers, owners, place: owners[0]?.place.kind.toUpperCase() ?? 'hardware' };
}

function isInSaveArea(owner: Owner, backend: string): boolean {
  return owner.backend === backend && /^vmc[sb]$/.test(owner.place.kind);
}

function restNotes(model: RegisterModel, fn: AsmFunctionFacts, direction: AsmTransfer['direction']): Statement[] {
  const kept = keptGprs(model, fn, direction);
  if (!kept) return [];
  const copies = kept.owners.flatMap((owner) => (direction === 'store' ? owner.load : owner.store).slice(0, 1));
  const verb = direction === 'store' ? 'fills the cache from' : 'writes to';
  const by: Phrase[] = copies[0] ? ['; ', code(copies[0].function), ` ${verb} it`] : [];
  const [are, them] = kept.registers.length > 1 ? ['are', 'them'] : ['is', 'it'];
  return [
    statement(
      [`${namesOf(kept)} ${are} not here: hardware keeps ${them} in the ${kept.place}`, ...by],
      copies.map((copy) => ({ file: copy.file, line: copy.line })),
    ),
  ];
}

function namesOf({ registers }: KeptGprs): string {
  return registers.map(({ register }) => register).join(' ');
}

/** What each side of VM-entry moves in an assembly function; null for one that does not enter a guest. */
export function explainWorldSwitch(model: RegisterModel, path: string, fn: AsmFunctionFacts): Explanation | null {
  const slots = model.slots.filter(
    (slot) => slot.file === path && slot.function === fn && slot.isGuest && slot.transfer.wordSize === 8,
  );
  const file = model.assembly.find((asm) => asm.source.path === path);
  const isSwitch = fn.entry !== null || slots.some((slot) => slot.transfer.side !== 'no-entry');
  if (!file || !isSwitch) return null;
  const names = (direction: 'load' | 'store') =>
    slots.filter((slot) => slot.transfer.direction === direction).map((slot) => slot.member.register);
  const [loads, stores] = [names('load'), names('store')];
  const linesOf = (direction: 'load' | 'store'): Evidence[] => {
    const moved = slots.filter((slot) => slot.transfer.direction === direction);
    const lines = [...new Set(moved.map((slot) => lineAt(file.source, slot.transfer.instruction.start)))];
    return shownLines(lines).map((line) => ({ file: path, line }));
  };
  const line = lineAt(file.source, fn.offset);
  const kept = slots.length > 0 ? keptGprs(model, fn, 'store') : null;
  const counts =
    slots.length > 0
      ? `VM-entry loads ${String(loads.length)} GPRs, VM-exit stores ${String(stores.length)}${kept ? `; the ${kept.place} keeps ${namesOf(kept)}` : ''}`
      : 'enters a guest, moves no guest register';
  const first = slots[0]?.transfer;
  return {
    subject: { kind: 'function', name: fn.name },
    answer: statement([strong(fn.name), `: ${counts}`], [{ file: path, line }]),
    owners: [],
    notes: [
      ...(loads.length > 0 ? [statement([`Before VM-entry: ${loads.join(' ')}`], linesOf('load'))] : []),
      ...(stores.length > 0 ? [statement([`After VM-exit: ${stores.join(' ')}`], linesOf('store'))] : []),
      ...(first ? restNotes(model, fn, 'store') : []),
    ],
  };
}
