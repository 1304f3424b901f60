import type { Reason, Sync } from '../backends/owner.js';
import type { Evidence } from '../explain/explanation.js';
import { missingText } from '../explain/missingWords.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import { shortField } from '../explain/transferPhrases.js';
import { reasonText } from '../explain/unknownWords.js';
import { wordsOf } from '../explain/words.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { isConditional } from '../model/query/conditionalOwners.js';
import { GPRS } from '../syntax/x86/registers.js';
import { placeView, transferView, type PlaceView, type TransferView } from './transferView.js';
import { xsaveRows, type XsaveRow } from './xsaveRows.js';

/** The register map: registers in groups, a cell for each backend. Plain data. */
export interface MapView {
  /** `7.2.13`; null where the tree does not say it. */
  readonly kernel: string | null;
  readonly backends: readonly BackendHead[];
  readonly groups: readonly RegisterGroup[];
  readonly xsave: readonly XsaveRow[];
  /** How many problems the reading of the tree had: what may be missing. */
  readonly problems: number;
}

export interface BackendHead {
  readonly name: string;
  readonly title: string;
}

/** Registers that are looked for together; none is empty. */
export interface RegisterGroup {
  readonly title: string;
  readonly rows: readonly RegisterRow[];
}

export interface RegisterRow {
  /** `RAX`. */
  readonly register: string;
  /** `VCPU_REGS_RAX`; null where the tree's enum lacks it. */
  readonly member: string | null;
  readonly aliases: readonly string[];
  /** Where KVM keeps it: `arch.regs[VCPU_REGS_RAX]`; null where nothing does. */
  readonly storage: string | null;
  readonly declared: Evidence | null;
  /** One for each of the map's backends, in their order. */
  readonly cells: readonly MapCell[];
}

/** Where a register is for a backend: the usual case first, others under their conditions. Never empty. */
export interface MapCell {
  readonly backend: string;
  readonly cases: readonly OwnerCase[];
}

/** An owner in words. */
export interface OwnerCase {
  readonly sync: Sync;
  readonly place: PlaceView;
  /** What a cell has room for: the field alone, several members of one struct as `save.*`; '' where the word says all. */
  readonly where: string;
  /** The condition under which it holds; null where it always does. */
  readonly when: string | null;
  /** It holds under a condition, `when` or one that all its moves are under. */
  readonly isConditional: boolean;
  /** Why it is not known what fills the register cache (`load`) or empties it (`store`); empty where it is. */
  readonly unknown: { readonly load: readonly UnknownReason[]; readonly store: readonly UnknownReason[] };
  /** What a series that was applied in part lacks. */
  readonly missing: readonly string[];
  /** The whole of it in a sentence. */
  readonly summary: string;
  /** What fills the register cache, and what empties it. */
  readonly load: readonly TransferView[];
  readonly store: readonly TransferView[];
}

/** Why something is not known, and where that is; no line for a whole file. */
export interface UnknownReason {
  readonly text: string;
  readonly evidence: Evidence | null;
}

/** The map of a tree, for all its backends. */
export function mapView(model: RegisterModel): MapView {
  const rows = model.registers.map((register) => ({ register, row: registerRow(model, register) }));
  const groups = GROUPS.map(({ title, holds }) => ({
    title,
    rows: rows.flatMap(({ register, row }) => (holds(register) ? [row] : [])),
  }));
  return {
    kernel: model.kernel,
    backends: model.backends.map(({ name, title }) => ({ name, title })),
    groups: groups.filter((group) => group.rows.length > 0),
    xsave: xsaveRows(model),
    problems: model.problems.length,
  };
}

/** Registers of today's instructions have numbers below this; Intel APX adds those from it on. */
const FIRST_EGPR = 16;

const GROUPS: readonly { readonly title: string; readonly holds: (register: Register) => boolean }[] = [
  { title: 'General-purpose, R0-R15', holds: (register) => register.class === 'gpr' && !isEgpr(register) },
  { title: 'General-purpose, R16-R31 (Intel APX)', holds: isEgpr },
  { title: 'Special', holds: (register) => register.class === 'special' },
  { title: 'Exit information', holds: (register) => register.class === 'exit-info' },
];

function isEgpr({ class: kind, register }: Register): boolean {
  return kind === 'gpr' && GPRS.indexOf(register) >= FIRST_EGPR;
}

/** A register's row, as the whole map has it. */
export function registerRow(model: RegisterModel, register: Register): RegisterRow {
  const declared = register.member?.declared ?? null;
  return {
    register: register.register,
    member: register.member?.name ?? null,
    aliases: register.aliases,
    storage: register.storage,
    declared: declared && { file: declared.file, line: declared.line },
    cells: model.backends.map(({ name }) => ({
      backend: name,
      cases: register.owners
        .filter((owner) => owner.backend === name)
        .map((owner) => ownerCase(model, register, owner)),
    })),
  };
}

function ownerCase(model: RegisterModel, register: Register, owner: RegisterOwner): OwnerCase {
  const words = wordsOf(model);
  const { sync, place, when, unknown, missing, load, store } = owner;
  return {
    sync,
    place: placeView(words, place),
    where: SHOWS_PLACE.has(sync) ? `${words.place(place.kind).cell}${shortField(place.name)}` : '',
    when: when?.text ?? null,
    isConditional: isConditional(register, owner),
    unknown: { load: unknown.load.map(unknownReason), store: unknown.store.map(unknownReason) },
    missing: missing.map((part) => missingText(words, part)),
    summary: ownerSummary(model, register, owner),
    load: load.map((transfer) => transferView(words, transfer)),
    store: store.map((transfer) => transferView(words, transfer)),
  };
}

function unknownReason(reason: Reason): UnknownReason {
  const { file, line } = reason;
  return { text: reasonText(reason), evidence: file === '' || line === null ? null : { file, line } };
}

/** The ways to be kept of which the place tells more than the word. */
const SHOWS_PLACE: ReadonlySet<Sync> = new Set<Sync>(['eager', 'lazy', 'direct', 'partial', 'xsave']);
