import type { Transfer } from '../backends/transfer.js';
import type { Reference } from '../facts/registers/reference.js';
import type { ModelFile, Register, RegisterModel } from '../model/registerModel.js';
import { type Span } from '../syntax/text/sourceText.js';
import { tokenize } from '../syntax/text/tokens.js';

/** A piece of a file: the token that a location is. */
export interface FileSpan extends Span {
  readonly file: string;
}

/** The registers that the token at an offset means, with the token; null where it means none. */
export interface RegistersAt {
  readonly token: Span;
  readonly registers: readonly Register[];
}

/** Pieces of files, each once, in their order. */
export function distinctSpans(spans: readonly FileSpan[]): FileSpan[] {
  return [...new Map(spans.map((span) => [`${span.file} ${String(span.start)}`, span])).values()];
}

/** Which registers stand at an offset: by a reference there, or by what an assembly macro's use moves. */
export function registersAt(model: RegisterModel, path: string, offset: number): RegistersAt | null {
  const file = model.files.get(path);
  if (!file) return null;
  const here = file.references.filter((r) => r.start <= offset && offset < r.end && r.register !== null);
  const own = here.filter((reference) => !reference.isIndirect);
  const references = own.length > 0 ? own : here;
  const [first] = references;
  if (first) return { token: first, registers: namedBy(model, references) };
  const slots = model.slots.filter((slot) => {
    const [use] = slot.transfer.instruction.expansion;
    return slot.file === path && use && use.start <= offset && offset < use.start + use.name.length;
  });
  const [slot] = slots;
  const use = slot?.transfer.instruction.expansion[0];
  if (!use) return null;
  const names = new Set(slots.map((s) => s.member.name));
  const registers = model.registers.filter((register) => register.member && names.has(register.member.name));
  return { token: { start: use.start, end: use.start + use.name.length }, registers };
}

function namedBy(model: RegisterModel, references: readonly Reference[]): Register[] {
  const names = new Set(references.map((reference) => reference.register));
  return model.registers.filter(
    ({ member, aliases }) => member && (names.has(member.name) || aliases.some((a) => names.has(a))),
  );
}

/** What an editor calls references of a register: its own, by any of its names. */
export function ownReferences(model: RegisterModel, register: Register): readonly FileSpan[] {
  return [...model.files.values()].flatMap((file) =>
    file.references.filter((r) => isOwn(r, register)).map(({ start, end }) => ({ file: file.source.path, start, end })),
  );
}

/** Whether a reference names a register itself, not by way of a function or field built on it. */
export function isOwn(reference: Reference, register: Register): boolean {
  const { register: name } = reference;
  return !reference.isIndirect && name !== null && (name === register.member?.name || register.aliases.includes(name));
}

/** The token of a register in a transfer's statement; else the statement's first word. */
export function transferToken(model: RegisterModel, register: Register | null, transfer: Transfer): FileSpan {
  const file = model.files.get(transfer.file);
  const found = file && register ? tokenOf(file, register, transfer) : undefined;
  if (found) return { file: transfer.file, start: found.start, end: found.end };
  const tokens = file ? tokenize(file.source.text, transfer.offset, transfer.offset + LONGEST_WORD) : [];
  const { start, end } = tokens.find((token) => /^\w/.test(token.text)) ?? {
    start: transfer.offset,
    end: transfer.offset,
  };
  return { file: transfer.file, start, end };
}

/** Characters of a statement's first word at the most. */
const LONGEST_WORD = 80;

function tokenOf(file: ModelFile, register: Register, transfer: Transfer): Reference | undefined {
  const isWrite = transfer.to?.kind === 'cache';
  const near = file.references.filter(
    (r) => r.register === register.member?.name && r.statement === transfer.statement,
  );
  return near.find((r) => (isWrite ? /write|asm-store/ : /read|asm-load/).test(r.kind)) ?? near[0];
}
