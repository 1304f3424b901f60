import { movesEgpr } from '../facts/egpr/egprNames.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { Reference } from '../facts/registers/reference.js';
import type { RegisterFile } from '../facts/registers/registerFile.js';
import type { RegisterMember } from '../facts/registers/registerMember.js';
import { CACHE_ARRAY, CACHE_MEMBER } from '../facts/symbols/cacheNames.js';
import type { AsmFunctionFacts, AsmTransfer } from '../facts/assembly/asmFunction.js';
import type { AsmFileFacts } from '../facts/assembly/asmFile.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import type { Span } from '../syntax/text/sourceText.js';

/** A move between a hardware register and its slot in the register cache. */
export interface SlotMove {
  readonly file: string;
  readonly function: AsmFunctionFacts;
  readonly member: RegisterMember;
  readonly transfer: AsmTransfer;
  /** What names the register, as an offset range. */
  readonly name: Span;
  /** The register's own guest's value is moved, and stays: not so for a host's value, another register's, or one that is overwritten. */
  readonly isGuest: boolean;
}

/** The array in struct kvm_vcpu_arch, at the end of any expression that leads to it: `vcpu.arch.regs`. */
const ARRAY_AT_END = new RegExp(`\\b${CACHE_MEMBER}(?:\\.|->)${CACHE_ARRAY}$`);

/** Whether an expression of C is the register array. */
export function isRegisterArray(expression: string): boolean {
  return ARRAY_AT_END.test(expression);
}

/** A slot of it, inside `offsetof(struct vcpu_vmx, vcpu.arch.regs[VCPU_REGS_RAX])`. */
const SLOT_IN_OFFSETOF = new RegExp(`\\b${CACHE_MEMBER}(?:\\.|->)${CACHE_ARRAY}\\s*\\[\\s*(\\w+)\\s*\\]`);

/** kbuild's macro that makes an offset known to assembly (linux/kbuild.h): `OFFSET(SYMBOL, struct, member)`. */
const OFFSET_MACRO = /^OFFSET$/;

/** Finds the moves of cache slots among all memory accesses of a tree's assembly. */
export function slotMoves(assembly: readonly AsmFileFacts[], registers: RegisterFile, slotAt: SlotFinder): SlotMove[] {
  return assembly.flatMap((file) =>
    file.functions.flatMap((fn) =>
      fn.transfers.flatMap((transfer): SlotMove[] => {
        const slot = slotAt({ ...transfer, root: transfer.root ?? fn.name });
        if (slot === 'undefined') return [];
        const member = slot === 'unnumbered' ? operandsSlot(transfer, registers) : slot;
        if (!member || isMisplaced(transfer, member)) return [];
        const name = slotName(file.source.text, transfer, member, registers);
        // Slots whose numbers are not known may be another's: none is known to be overwritten.
        const isMoved =
          slot === 'unnumbered'
            ? transfer.content === 'guest' && transfer.gpr === member.register
            : transfer.moves.some((gpr) => gpr === member.register);
        const isGuest = isMoved || isEgprHelperMove(transfer, member);
        return [{ file: file.source.path, function: fn, member, transfer, name, isGuest }];
      }),
    ),
  );
}

/** One of R16-R31 moved to or from a slot that the enum gives to no GPR: the enum lacks its own. */
function isMisplaced(transfer: AsmTransfer, member: RegisterMember): boolean {
  return movesEgpr(transfer) && member.class !== 'gpr';
}

/**
 * Whether a helper without VM-entry moves a guest's register: one of R16-R31, which C code leaves alone, so that VM-exit's
 * value is still there and a value that is loaded stays until VM-entry.
 */
function isEgprHelperMove(transfer: AsmTransfer, member: RegisterMember): boolean {
  const isOwn = transfer.direction === 'load' || transfer.content === 'host';
  return transfer.side === 'no-entry' && isOwn && movesEgpr(transfer) && transfer.gpr === member.register;
}

/** Characters of a use of OFFSET(). */
const LONGEST_USE = 400;

/** A symbol that C code makes known to assembly, and the member whose offset it is, as written: `vcpu.arch.regs`. */
type OffsetSymbol = readonly [name: string, member: string];

/** The symbols that C code makes known to assembly, with the members whose offsets they are. */
export type OffsetMembers = ReadonlyMap<string, string>;

export function offsetMembers(files: readonly FileFacts[]): OffsetMembers {
  return new Map(files.flatMap(offsetSymbols));
}

/** The symbols that a file makes known to assembly. */
const offsetSymbols = memoizeByIdentity(({ source, functions }: FileFacts): readonly OffsetSymbol[] => {
  const symbols: OffsetSymbol[] = [];
  for (const { start, facts } of functions) {
    for (const call of facts.calls) {
      if (!OFFSET_MACRO.test(call.name)) continue;
      const text = source.text.slice(start + call.offset, start + call.offset + LONGEST_USE);
      const [, name, member] = /^\w+\s*\(\s*(\w+)\s*,\s*\w+\s*,([^)]+)\)/.exec(text) ?? [];
      if (name !== undefined && member !== undefined) symbols.push([name, member.trim()]);
    }
  }
  return symbols;
});

/** For each function, which of its arguments (counted from 1) some caller gives the register array. */
function arrayArguments(files: readonly FileFacts[]): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const { callee, index } of files.flatMap(givenArrays)) {
    const known = found.get(callee) ?? new Set<number>();
    found.set(callee, known.add(index));
  }
  return found;
}

/** The calls of a file that give the register array, and as which argument. */
const givenArrays = memoizeByIdentity(({ functions }: FileFacts) =>
  functions.flatMap(({ facts }) =>
    facts.callFacts.flatMap((call) =>
      call.arguments.flatMap((argument, i) =>
        isRegisterArray(argument) ? [{ callee: call.callee, index: i + 1 }] : [],
      ),
    ),
  ),
);

/** A word of memory as assembly addresses it. */
export interface AddressedWord extends Pick<AsmTransfer, 'base' | 'displacement' | 'wordSize'> {
  /** The function whose arguments the base may be of. */
  readonly root: string;
}

/**
 * The register whose cache slot a word of memory is; `unnumbered` for a slot whose number is a symbol that the tree does not
 * define, `undefined` for a member of something of which it does not define which; null for any other word.
 */
export type SlotFinder = (word: AddressedWord) => RegisterMember | 'unnumbered' | 'undefined' | null;

/** Finds the slots of a tree's register array. */
export function slotFinder(files: readonly FileFacts[], known: OffsetMembers, registers: RegisterFile): SlotFinder {
  const passed = arrayArguments(files);
  return (word) => {
    const { displacement, base, wordSize, root } = word;
    if (!displacement) return null;
    const written = [...displacement.symbols.keys(), base.kind === 'operand' ? base.expression : ''];
    const offsetof = written.map((text) => SLOT_IN_OFFSETOF.exec(text)?.[1]).find((name) => name !== undefined);
    if (offsetof !== undefined) return registers.byName.get(offsetof) ?? 'unnumbered';
    const names = [...displacement.symbols.keys()];
    const array = names.find((name) => isRegisterArray(known.get(name) ?? ''));
    if (array === undefined && !isArray(base, passed.get(root) ?? new Set()))
      return base.kind !== 'variables' && names.some((name) => !known.has(name)) ? 'undefined' : null;
    const [number, ...more] = names.filter((name) => name !== array);
    if (more.length > 0) return null;
    // asm/kvm_vcpu_regs.h, which defines it, may be absent.
    if (number !== undefined) return registers.byName.get(number.replace(/^__/, '')) ?? 'unnumbered';
    const index = displacement.constant / wordSize;
    const own = (member: RegisterMember) =>
      member.role === 'register' && (wordSize === 8 ? member.index : member.index32) === index;
    return registers.members.find(own) ?? null;
  };
}

/** Whether a base is the register array: an argument that callers give it as, or an operand of an `asm()` statement. */
function isArray(base: AsmTransfer['base'], passed: ReadonlySet<number>): boolean {
  if (base.kind === 'operand') return isRegisterArray(base.expression);
  return base.kind === 'argument' && passed.has(base.index);
}

/** The slot that a macro computes from its operand, which is the register that is moved. */
function operandsSlot(transfer: AsmTransfer, registers: RegisterFile): RegisterMember | null {
  if (transfer.instruction.expansion.length === 0) return null;
  return registers.members.find((member) => member.class === 'gpr' && member.register === transfer.gpr) ?? null;
}

/** The references that assembly makes to registers: by the slots that it loads and stores. */
export function slotReferences(moves: readonly SlotMove[], file: AsmFileFacts): Reference[] {
  const found = new Map<string, Reference>();
  for (const { member, transfer, name, function: fn } of moves.filter((move) => move.file === file.source.path)) {
    const kind = transfer.direction === 'load' ? 'asm-load' : 'asm-store';
    const reference: Reference = {
      ...name,
      register: member.name,
      kind,
      via: file.source.text.slice(name.start, name.end),
      function: fn.name,
      guards: transfer.guards,
      isIndirect: false,
      statement: transfer.instruction.start,
    };
    found.set(`${String(name.start)} ${kind} ${member.name}`, reference);
  }
  return [...found.values()];
}

/** What names the register: the slot's own symbol (`VCPU_RCX`) where the operand is written with one, else the register. */
function slotName(text: string, transfer: AsmTransfer, member: RegisterMember, registers: RegisterFile): Span {
  const { displacementOrigin: operand, written, registerOrigin } = transfer;
  if (/%c?\[/.test(text.slice(operand.start, operand.end))) return operand;
  const number = written?.names.find(({ name }) => registers.numberMacros.get(name) === member);
  const isInOperand = number && number.start >= operand.start && number.end <= operand.end;
  const { start, end } = isInOperand ? number : registerOrigin;
  return { start, end };
}
