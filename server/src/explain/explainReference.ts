import type { Reference } from '../facts/references.js';
import { GPR_NAMES } from '../facts/registerFile.js';
import type { Place } from '../facts/places.js';
import { lineAt } from '../syntax/sourceText.js';
import type { ModelFile, Register, RegisterModel, Transfer } from '../model/registerModel.js';
import { backendOfFile } from './backendOfFile.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { shownStorage } from './explainRegister.js';
import { ownerLines } from './ownerLines.js';

/** What a reference does, and where the register's value comes from. */
export function explainReference(model: RegisterModel, file: ModelFile, reference: Reference): Explanation {
  if (reference.register === null) return explainIndex(reference);
  const register = registerOf(model, reference.register);
  if (!register) return explainCount(model, reference);
  const isGuests = reference.storage !== null || reference.kind === 'argument';
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement([strong(register.register), ...whatHappens(model, file, reference, register)]),
    owners: isGuests ? ownerLines(register, backendOfFile(model, file.source.path)) : [],
    notes: [...accessorNotes(model, reference), ...aliasNotes(reference, register)],
  };
}

function registerOf(model: RegisterModel, name: string): Register | null {
  return model.registers.find((register) => register.member?.name === name || register.aliases.includes(name)) ?? null;
}

function whatHappens(model: RegisterModel, file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const storage = storagePhrase(reference, register);
  const number = register.member?.index ?? null;
  switch (reference.kind) {
    case 'read':
      if (reference.storage === null) return lookAlike(number);
      return [...width(model, reference), ': read from ', ...storage, ...destination(file, reference, register)];
    case 'write':
      if (reference.storage === null) return lookAlike(number);
      return [...width(model, reference), ': written to ', ...storage, ...origin(file, reference, register)];
    case 'readwrite':
      return reference.storage === null ? lookAlike(number) : [': changed in ', ...storage];
    case 'address':
      return [': the address of ', ...storage];
    case 'asm-load':
    case 'asm-store':
      return assemblyPhrases(model, file, reference, register);
    case 'declare':
      return register.aliases.includes(reference.via) ? alias(reference, register) : declaration(register, number);
    case 'define':
      return definition(model, reference);
    case 'case':
      return [': what ', code(reference.function ?? ''), ' does for it'];
    case 'mask':
      return [': its bit in a set of registers'];
    case 'mark-available':
      return [': marked available, the register cache holds it from here on'];
    case 'mark-dirty':
      return [': marked dirty, the register cache holds a value to be written back before VM-entry'];
    case 'mark-reload':
      return [': marked for reload, the next reader fetches it again'];
    case 'test-available':
      return [': tests whether the register cache holds it'];
    case 'test-dirty':
      return [': tests whether the register cache holds a value that hardware has not got yet'];
    case 'argument':
      return [
        ': its number',
        ...(number === null ? [] : [`, ${String(number)},`]),
        ' handed to ',
        code(reference.callee ?? 'a function'),
      ];
    case 'other':
      return [': its number', ...(number === null ? [] : [`, ${String(number)}`]), ...storageNote(register)];
  }
}

/** An array that is not KVM's: the number only picks an element. */
function lookAlike(number: number | null): Phrase[] {
  return [
    `: its number${number === null ? '' : `, ${String(number)},`} picks an element of an array that holds no guest registers of KVM's`,
  ];
}

function storageNote(register: Register): Phrase[] {
  return register.storage === null ? [] : ['; the register is kept in ', code(shownStorage(register.storage))];
}

function alias(reference: Reference, register: Register): Phrase[] {
  return [
    ': the register that ',
    code(reference.via),
    ' is another name of; ',
    ...(register.storage === null ? [] : ['kept in ', code(shownStorage(register.storage))]),
  ];
}

function declaration(register: Register, number: number | null): Phrase[] {
  const what =
    register.class === 'exit-info'
      ? 'exit information, no guest register'
      : register.class === 'gpr'
        ? 'general-purpose register'
        : 'special register';
  return [
    `: ${what}${number === null ? '' : ` ${String(number)}`}`,
    ...(register.storage === null ? [] : [', kept in ', code(shownStorage(register.storage))]),
  ];
}

function storagePhrase(reference: Reference, register: Register): Phrase[] {
  if (reference.storage === 'emulator') return ["the emulator's copy, ", code(`ctxt->_regs[${reference.via}]`)];
  return ['the register cache, ', code(shownStorage(register.storage ?? register.register))];
}

function width(model: RegisterModel, reference: Reference): Phrase[] {
  return model.vocabulary.accessors.get(reference.via)?.width === 32 ? [', low 32 bits'] : [];
}

/** The transfer that a reference is part of: of the same function, on the same line or right above it. */
function transferAt(file: ModelFile, reference: Reference, register: Register): Transfer | undefined {
  const line = lineAt(file.source, reference.start);
  const near = register.transfers.filter(
    (t) => t.file === file.source.path && t.function === reference.function && t.line <= line && line - t.line <= 2,
  );
  return near.filter((t) => t.from !== null && t.to !== null).sort((a, b) => b.line - a.line)[0];
}

function origin(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const from = transferAt(file, reference, register)?.from;
  return from && from.kind !== 'cache' ? [', from ', ...placePhrases(from)] : [];
}

function destination(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const to = transferAt(file, reference, register)?.to;
  return to && to.kind !== 'cache' ? [', to ', ...placePhrases(to)] : [];
}

/** A place in words. */
export function placePhrases(place: Place): Phrase[] {
  const titles: Partial<Record<Place['kind'], string>> = {
    vmcs: 'VMCS ',
    vmcb: 'VMCB ',
    ghcb: 'the GHCB, ',
    vmsa: 'the VMSA, ',
    tdx: 'the TDX argument ',
    userspace: 'userspace, ',
    smram: 'SMRAM, ',
    nested: 'nested state, ',
    emulator: "the emulator's copy, ",
    hardware: 'hardware ',
    memory: '',
  };
  return [
    titles[place.kind] ?? '',
    place.kind === 'memory' && !place.name.includes('.') ? place.name : code(place.name),
  ];
}

function assemblyPhrases(model: RegisterModel, file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const move = model.slots.find(
    (slot) =>
      slot.file === file.source.path &&
      slot.transfer.instruction.start === reference.statement &&
      slot.member.name === register.member?.name,
  );
  const side =
    move?.transfer.side === 'after-entry'
      ? ', after VM-exit'
      : move?.transfer.side === 'before-entry'
        ? ', before VM-entry'
        : '';
  const whose = move?.isGuest === false ? "a value that is not the guest's" : "the guest's value";
  const slot = code(shownStorage(register.storage ?? ''));
  return reference.kind === 'asm-load'
    ? [`: ${whose} loaded from `, slot, ' into hardware', side]
    : [`: ${whose} stored from hardware to `, slot, side];
}

function definition(model: RegisterModel, reference: Reference): Phrase[] {
  const made = [...model.vocabulary.accessors.values()]
    .filter((a) => a.instantiation?.start === reference.start && a.member === reference.register)
    .map((a) => a.name);
  if (made.length === 0) return [': its number, for C and assembly'];
  return [': ', code(reference.via), ` makes ${made.join(', ')}`];
}

function accessorNotes(model: RegisterModel, reference: Reference): Statement[] {
  const accessor = model.vocabulary.accessors.get(reference.via);
  if (!accessor) {
    const wrapper = reference.isIndirect ? model.vocabulary.wrappers.get(reference.via) : undefined;
    return wrapper
      ? [statement([code(wrapper.name), ' is built on accessors'], evidenceAt(model, wrapper.file, wrapper.offset))]
      : [];
  }
  const masked = accessor.width === null ? ', masked by CPU mode' : '';
  const [outer] = accessor.instantiation?.macros ?? [];
  const made: Phrase[] = outer === undefined ? ['Written by hand'] : ['Generated by ', code(outer)];
  return [statement([...made, masked], evidenceAt(model, accessor.file, accessor.offset))];
}

function evidenceAt(model: RegisterModel, path: string, offset: number): { file: string; line: number }[] {
  const file = model.files.get(path);
  return file ? [{ file: path, line: lineAt(file.source, offset) }] : [];
}

function aliasNotes(reference: Reference, register: Register): Statement[] {
  return register.aliases.includes(reference.via)
    ? [statement([code(reference.via), ' is another name of ', code(register.member?.name ?? ''), '.'])]
    : [];
}

/** How many GPRs a number of so many bits can name. */
function explainIndex(reference: Reference): Explanation {
  if (!reference.index) return explainClear(reference);
  const { bits, shift, text } = reference.index;
  const last = bits === null ? null : GPR_NAMES[2 ** bits - 1];
  const field = bits !== null && shift !== null ? `, bits ${String(shift + bits - 1)}:${String(shift)}` : '';
  const reach =
    bits === null ? [] : [` (${String(bits)} bits: RAX-${last ?? 'R31'}${bits < 5 ? '; R16-R31 need a fifth' : ''})`];
  return {
    subject: { kind: 'index', name: reference.via },
    answer: statement([strong('Any GPR'), `: ${kindWord(reference)}, number from `, code(text), field, ...reach]),
    owners: [],
    notes: [],
  };
}

/** `memset(vcpu->arch.regs, 0, ...)` */
function explainClear(reference: Reference): Explanation {
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement([strong('Every GPR'), ': set to zero in the register cache, ', code('vcpu->arch.regs[]')]),
    owners: [],
    notes: [statement(['This clears, it brings no value in: what is not written after it reads as 0.'])],
  };
}

function kindWord(reference: Reference): string {
  switch (reference.kind) {
    case 'read':
    case 'write':
    case 'address':
      return reference.kind === 'read' ? 'read' : reference.kind === 'write' ? 'written' : 'its address';
    case 'readwrite':
      return 'changed';
    default:
      return reference.kind.replace('-', ' ');
  }
}

/** NR_VCPU_REGS and the like: how many registers come before. */
function explainCount(model: RegisterModel, reference: Reference): Explanation {
  const member = model.vocabulary.registers.byName.get(reference.via);
  const before = member?.index ?? null;
  const evidence = member ? [{ file: member.declared.file, line: member.declared.line }] : [];
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement(
      [
        strong(reference.via),
        before === null
          ? ': an end marker of the register enum'
          : `: ${String(before)}, an end marker of the register enum, no register`,
      ],
      evidence,
    ),
    owners: [],
    notes: [],
  };
}
