import { memoizeByIdentity } from '../../cache/memoize.js';
import type { AsmFunctionFacts, AsmTransfer } from '../../facts/assembly/asmFunction.js';
import type { NameTable } from '../../facts/assembly/nameTables.js';
import type { MacroUse } from '../../syntax/assembler/instruction.js';
import { groupBy, groupByEach } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import type { SlotMove } from '../slots.js';
import type { TreeBackend } from '../treeBackends.js';
import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';

/** A function with assembly in it, and the file that it is in. */
export interface AsmFunction {
  readonly file: string;
  readonly asm: AsmFunctionFacts;
}

type Assembly = RegisterModel['assembly'];
type Slots = RegisterModel['slots'];

/** The functions of a tree that have assembly. */
export function asmFunctions({ assembly }: RegisterModel): readonly AsmFunction[] {
  return functionsOf(assembly);
}

const functionsOf = memoizeByIdentity((assembly: Assembly): readonly AsmFunction[] =>
  assembly.flatMap(({ source, functions }) => functions.map((asm) => ({ file: source.path, asm }))),
);

/** The functions of a file that have assembly. */
export function asmFunctionsIn({ assembly }: RegisterModel, path: string): readonly AsmFunction[] {
  return functionsByFile(assembly).get(path) ?? [];
}

const functionsByFile = memoizeByIdentity((assembly: Assembly) => groupBy(functionsOf(assembly), ({ file }) => file));

/** What an instruction, or a use of an assembly macro, moves between registers and memory. */
export interface AsmMoves extends AsmFunction {
  /** As a 64-bit kernel has them; those of a 32-bit one where only that has any. */
  readonly transfers: readonly [AsmTransfer, ...AsmTransfer[]];
  /** The macro's use; null for an instruction that is written out. */
  readonly macro: MacroUse | null;
}

/** The moves of the instruction, or of the macro's use, that an offset of a file is in; null where nothing is moved. */
export function asmMovesAt({ assembly }: RegisterModel, path: string, offset: number): AsmMoves | null {
  const uses = usesByFile(assembly).get(path) ?? [];
  const use = uses[lastAtOrBefore(uses, offset, ({ start }) => start)];
  return use && offset < use.end ? use : null;
}

/** The instructions by which a function enters a guest itself, or the call of firmware; in alphabetical order: `vmlaunch`, `vmresume`. */
export function entryInstructions({ name, entry, flow, isInline }: AsmFunctionFacts): string[] {
  const own = (flow?.entries ?? []).flatMap((at) => (isInline || at.function === name ? [at.mnemonic] : []));
  return [...new Set(own.length > 0 || !entry ? own : [entry.instruction])].sort();
}

/** The uses of an assembly macro that move what is no guest's register. */
export function usesForOthers(model: RegisterModel, macro: string): readonly AsmMoves[] {
  const uses = [...usesByFile(model.assembly).values()].flat();
  return uses.filter(
    (use) => use.macro?.name === macro && !slotsAt(model, use.file, use.start).some(({ isGuest }) => isGuest),
  );
}

interface AsmUse extends AsmMoves {
  readonly start: number;
  readonly end: number;
}

const usesByFile = memoizeByIdentity(
  (assembly: Assembly): ReadonlyMap<string, readonly AsmUse[]> =>
    new Map([...functionsByFile(assembly)].map(([file, functions]) => [file, usesOf(functions)])),
);

function usesOf(functions: readonly AsmFunction[]): AsmUse[] {
  const sorted = functions.flatMap(usesIn).sort((a, b) => a.start - b.start);
  // Code that two functions share is listed under the first.
  return sorted.filter((use, i) => use.start !== sorted[i - 1]?.start);
}

function usesIn({ file, asm }: AsmFunction): AsmUse[] {
  const byStart = groupBy(asm.transfers, ({ instruction }) => instruction.start);
  return [...byStart].flatMap(([start, all]): AsmUse[] => {
    const [first, ...others] = all.some(isOf64) ? all.filter(isOf64) : all;
    if (!first) return [];
    const { end, expansion } = first.instruction;
    return [{ file, asm, start, end, transfers: [first, ...others], macro: expansion[0] ?? null }];
  });
}

function isOf64({ wordSize }: AsmTransfer): boolean {
  return wordSize === 8;
}

/** The moves between hardware and the register cache among a function's; null where an assembly move is none. */
export function slotsOf({ slots }: RegisterModel, asm: AsmFunctionFacts): readonly SlotMove[] {
  return slotsByFunction(slots).get(asm) ?? [];
}

const slotsByFunction = memoizeByIdentity((slots: Slots) => groupBy(slots, (slot) => slot.function));

/** The moves between hardware and the register cache, of guests' registers, in all of a tree's assembly. */
export function guestSlotMoves({ slots }: RegisterModel): readonly SlotMove[] {
  return guestSlotsOf(slots);
}

const guestSlotsOf = memoizeByIdentity((slots: Slots) => slots.filter(({ isGuest }) => isGuest));

/** The moves of guests' values between hardware and slots of the register cache, also to a slot that is another's, and of those that do not stay. */
export function guestValueMoves({ slots }: RegisterModel): readonly SlotMove[] {
  return slots.filter(({ transfer }) => transfer.content === 'guest');
}

/** The tables of registers' names that the assembly of a file uses. */
export function nameTablesIn({ assembly }: RegisterModel, path: string): readonly NameTable[] {
  return assembly.find(({ source }) => source.path === path)?.tables ?? [];
}

/** The moves of cache slots in the statement, or the use of a macro, that begins at an offset of a file. */
export function slotsAt({ slots }: RegisterModel, path: string, start: number): readonly SlotMove[] {
  return slotsByStart(slots).get(`${path} ${String(start)}`) ?? [];
}

const slotsByStart = memoizeByIdentity((slots: Slots) =>
  groupBy(slots, ({ file, transfer }) => `${file} ${String(transfer.instruction.start)}`),
);

/** The moves of the guest's registers that an assembly macro's uses come to. */
export function slotsOfMacro({ slots }: RegisterModel, name: string): readonly SlotMove[] {
  return slotsByMacro(slots).get(name) ?? [];
}

/** The assembly macros whose uses move the guest's registers. */
export function movingMacros({ slots }: RegisterModel): readonly string[] {
  return [...slotsByMacro(slots).keys()];
}

const slotsByMacro = memoizeByIdentity((slots: Slots) =>
  groupByEach(guestSlotsOf(slots), ({ transfer }) => new Set(transfer.instruction.expansion.map(({ name }) => name))),
);

/** The first move of the slot that a symbol of an assembly file addresses (`VCPU_RAX`); null for any other symbol, that of several slots among them. */
export function slotAddressedBy({ slots }: RegisterModel, path: string, symbol: string): SlotMove | null {
  const [first, ...others] = slotsByAddress(slots).get(`${path} ${symbol}`) ?? [];
  return first && others.every(({ member }) => member === first.member) ? first : null;
}

const slotsByAddress = memoizeByIdentity((slots: Slots) =>
  groupBy(slots, ({ file, transfer }) => `${file} ${transfer.written?.names[0]?.name ?? ''}`),
);

/** The moves of slots whose address is counted from a symbol: the offset of the whole register array. */
export function slotsFrom({ slots }: RegisterModel, symbol: string): readonly SlotMove[] {
  return slotsBySymbol(slots).get(symbol) ?? [];
}

const slotsBySymbol = memoizeByIdentity((slots: Slots) =>
  groupByEach(slots, ({ transfer }) => transfer.displacement?.symbols.keys() ?? []),
);

/** The backend whose guests a function with assembly enters, itself or by what it calls; null for none that is known. */
export function backendEnteredBy({ backends }: RegisterModel, { name, calls }: AsmFunctionFacts): TreeBackend | null {
  const isEntry = (backend: TreeBackend) =>
    backend.entries.includes(name) || calls.some((call) => backend.entries.includes(call.name));
  return backends.find(isEntry) ?? null;
}

/** Whether every way through a function that enters a guest is followed, with what its callers do before and after it. */
export function isFollowed(model: RegisterModel, asm: AsmFunctionFacts): boolean {
  // Firmware moves the registers around a call of it.
  if (asm.isInline && asm.flow === null) return true;
  const flows = asmFunctions(model).flatMap(({ asm: { name, flow } }) => (flow ? [{ name, flow }] : []));
  const own = flows.filter(({ name, flow }) => name === asm.name || flow.entries.some((e) => e.function === asm.name));
  return own.length > 0 && own.every(({ flow }) => flow.doubts.length === 0);
}

/** The function with the VM-entry of an assembly file that a label is in at which VM-exits arrive; null for any other name. */
export function exitingAt(model: RegisterModel, path: string, label: string): AsmFunction | null {
  if (!exitLabels(model).has(label)) return null;
  return asmFunctionsIn(model, path).find(({ asm }) => asm.entry !== null) ?? null;
}

/** The labels that C writes to the VMCS' host RIP (SDM vol. 3, 25.5). */
const exitLabels = memoizeByIdentity(({ files }: RegisterModel): ReadonlySet<string> => {
  const texts = [...files.values()].flatMap(({ source, facts }) => (facts ? [source.text] : []));
  const values = texts.flatMap((text) =>
    Array.from(text.matchAll(/\bHOST_RIP\s*,([^;]*);/g), ([, value = '']) => value),
  );
  return new Set(values.flatMap((value) => value.match(/\b[a-z_]\w*\b/gi) ?? []));
});

/** Whether a function has assembly around a VM-entry: it enters a guest, or moves a guest's registers before or after that. */
export function isWorldSwitch(model: RegisterModel, { asm }: AsmFunction): boolean {
  return asm.entry !== null || guestSlots(model, asm).some(({ transfer }) => transfer.side !== 'no-entry');
}

/** The moves of the guest's registers that a function's assembly does, as a 64-bit kernel has them. */
export function guestSlots(model: RegisterModel, asm: AsmFunctionFacts): readonly SlotMove[] {
  return slotsOf(model, asm).filter(({ isGuest, transfer }) => isGuest && isOf64(transfer));
}
