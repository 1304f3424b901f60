import type { AsmExpression, LinearForm } from '../assembler/expression.js';
import type { AsmInstruction } from '../assembler/instruction.js';
import type { Span } from '../text/sourceText.js';
import { instructionEffect } from '../x86/mnemonics.js';
import { EGPRS, type Gpr } from '../x86/registers.js';
import type { AccessOnWay } from './step.js';
import { placeKey, type Origin, type Place } from './origin.js';

/** A move between a register and memory outside of the stack. */
export interface SlotTransfer {
  readonly instruction: AsmInstruction;
  /** `load`: memory to register. */
  readonly direction: 'load' | 'store';
  /**
   * The hardware register that is moved: of a load the register that has the value at VM-entry (or else the one that is
   * loaded), of a store the one whose guest or host value is stored, also when it went through the stack.
   */
  readonly gpr: Gpr | null;
  /**
   * Of a store: whose value it is, the guest's after VM-exit or the host's own. Of a load: `guest` when it stays in the
   * register up to VM-entry, `host` when it does not, `unknown` where a part of it does, and in a function without VM-entry.
   */
  readonly content: 'guest' | 'host' | 'unknown';
  /** The registers whose guest's value it moves to stay: a load, up to VM-entry; a store, up to the function's end. */
  readonly moves: readonly Gpr[];
  /** What the base register holds, and the whole displacement from that. */
  readonly base: Origin;
  readonly displacement: LinearForm | null;
  /** `inferred` where the base may also be something that is not known. */
  readonly certainty: 'certain' | 'inferred';
  /** The function that the flow began with, whose arguments the base may be of; null for an `asm()` statement. */
  readonly root: string | null;
  /** As written in the operand, with its names; null for `(%reg)`. */
  readonly written: AsmExpression | null;
  readonly side: 'before-entry' | 'after-entry' | 'no-entry';
  /** In bits; null where the operand doesn't tell (`pop` to memory). */
  readonly width: number | null;
  readonly registerOrigin: Span;
  readonly displacementOrigin: Span;
}

/** What is known of a whole flow. */
interface FlowEnd {
  readonly root: string | null;
  readonly hasEntry: boolean;
  /** The registers that a load's value is in at VM-entry, by the key of what was loaded; of a flow without VM-entry those of R16-R31 at its end. */
  readonly loadedAtEntry: ReadonlyMap<string, ReadonlySet<Gpr>>;
  /** As `loadedAtEntry`, of loads of a half. */
  readonly halvesAtEntry: ReadonlyMap<string, ReadonlySet<Gpr>>;
  /** The keys of the stores that may be the last ones of their words. */
  readonly lastStores: ReadonlySet<string>;
}

/** The accesses of one word by one instruction on several ways. */
interface WordAccesses {
  readonly first: AccessOnWay;
  readonly all: AccessOnWay[];
}

/** The moves that accesses are, those of one word by one instruction on several ways as one, in the order of the text. */
export function slotTransfers(accesses: readonly AccessOnWay[], end: FlowEnd): SlotTransfer[] {
  const words = new Map<string, WordAccesses>();
  for (const access of accesses.filter(isSlotAccess)) {
    const key = `${String(access.node)} ${access.direction} ${placeKey(access.place)}`;
    const known = words.get(key);
    if (known) known.all.push(access);
    else words.set(key, { first: access, all: [access] });
  }
  const isKnown = ({ first }: WordAccesses) => first.place.base.kind !== 'unknown';
  const [known, doubtful] = [[...words.values()].filter(isKnown), [...words.values()].filter((word) => !isKnown(word))];
  const nodesOf = (some: readonly WordAccesses[]) => new Set(some.map(({ first }) => first.node));
  const [knownAt, doubtfulAt] = [nodesOf(known), nodesOf(doubtful)];
  // An unknown base beside a known one makes that one a likely one.
  return [...words.values()]
    .filter((word) => isKnown(word) || !knownAt.has(word.first.node))
    .map((word) => ({
      ...transferOf(word, end),
      certainty: isKnown(word) && doubtfulAt.has(word.first.node) ? 'inferred' : 'certain',
    }));
}

/** Moves of whole words whose place is a register's value and a displacement: not of variables, and not of arithmetic. */
function isSlotAccess({ place, instruction, register, memory, direction }: AccessOnWay): boolean {
  if (place.base.kind === 'variables' || (place.displacement === null && memory?.index)) return false;
  if (!copiesWords(instruction)) return false;
  const isOfRegister = register !== null || memory === null || /^(?:push|pop)/.test(instruction.mnemonic);
  return isOfRegister && (direction === 'load' || register?.width !== 8);
}

/** Whether an instruction copies words: no bytes, and no halves of words of 4 bytes. */
function copiesWords({ mnemonic }: AsmInstruction): boolean {
  if (/[bw]$/.test(mnemonic)) return false;
  return Boolean(instructionEffect(mnemonic)?.copies) || /^(?:movs|stos|lods)[lq]$/.test(mnemonic);
}

function transferOf({ first, all }: WordAccesses, end: FlowEnd): Omit<SlotTransfer, 'certainty'> {
  const { instruction, direction, place, memory, register } = first;
  const own = register?.gpr ?? null;
  return {
    ...place,
    ...(direction === 'store' ? storeOf(all, own) : loadOf(first, own, end)),
    moves: direction === 'store' ? registersStored(all, end) : [...(end.loadedAtEntry.get(accessKey(first)) ?? [])],
    instruction,
    direction,
    root: end.root,
    side: sideOf(all, end),
    width: register?.width ?? null,
    written: memory?.displacement ?? null,
    registerOrigin: spanOf(register ?? instruction.item ?? instruction),
    displacementOrigin: spanOf(memory?.displacement ?? memory ?? instruction),
  };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

/** Loads are told before VM-entry where they are on any way, and stores behind it. */
function sideOf(group: readonly AccessOnWay[], { hasEntry }: FlowEnd): SlotTransfer['side'] {
  if (!hasEntry) return 'no-entry';
  const isLoad = group[0]?.direction === 'load';
  const isAfter = isLoad ? group.every((access) => access.isAfterEntry) : group.some((access) => access.isAfterEntry);
  return isAfter ? 'after-entry' : 'before-entry';
}

type Content = Pick<SlotTransfer, 'gpr' | 'content'>;

function loadOf(access: AccessOnWay, own: Gpr | null, { hasEntry, loadedAtEntry, halvesAtEntry }: FlowEnd): Content {
  const registers = loadedAtEntry.get(accessKey(access));
  const [first] = registers ?? [];
  if (!hasEntry) return { gpr: own !== null && EGPRS.has(own) ? own : (first ?? own), content: 'unknown' };
  if (first === undefined) return { gpr: own, content: halvesAtEntry.has(accessKey(access)) ? 'unknown' : 'host' };
  return { gpr: own !== null && registers?.has(own) ? own : first, content: 'guest' };
}

/** A text for what the instruction of a node loads from a place, or stores there. */
export function slotKey(place: Place, node: number): string {
  return `${String(node)} ${placeKey(place)}`;
}

function accessKey({ place, node }: AccessOnWay): string {
  return slotKey(place, node);
}

/** The registers whose guest's values are stored and not overwritten on every way. */
function registersStored(group: readonly AccessOnWay[], { lastStores }: FlowEnd): Gpr[] {
  const last = group.filter((access) => lastStores.has(accessKey(access)));
  const values = last.flatMap((access) => access.values);
  return [...new Set(values.flatMap((origin) => (origin.kind === 'guest' ? [origin.gpr] : [])))];
}

function storeOf(group: readonly AccessOnWay[], own: Gpr | null): Content {
  const values = group.flatMap((access) => access.values);
  const guests = values.flatMap((origin) => (origin.kind === 'guest' ? [origin.gpr] : []));
  const [guest] = guests;
  if (guest !== undefined) return { gpr: own !== null && guests.includes(own) ? own : guest, content: 'guest' };
  const hosts = values.filter(({ kind }) => HOSTS.has(kind));
  const [host] = hosts;
  const named = host?.kind === 'host' || host?.kind === 'argument' ? host.gpr : null;
  return { gpr: named ?? own, content: host ? 'host' : 'unknown' };
}

/** What the host has of its own. */
const HOSTS: ReadonlySet<Origin['kind']> = new Set(['host', 'argument', 'stack', 'address', 'operand']);
