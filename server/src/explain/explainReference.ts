import type { Reference } from '../facts/references.js';
import type { RuntimeIndex } from '../facts/runtimeIndex.js';
import { GPR_NAMES } from '../facts/registerFile.js';
import type { Place } from '../facts/places.js';
import { lineAt } from '../syntax/sourceText.js';
import type { ModelFile, Register, RegisterModel, Transfer } from '../model/registerModel.js';
import { backendOfFile } from './backendOfFile.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { registerName, shownStorage } from './explainRegister.js';
import { clearingSets } from './explainSet.js';
import { ownerLines } from './ownerLines.js';

/** What a reference does, and where the register's value comes from. */
export function explainReference(model: RegisterModel, file: ModelFile, reference: Reference): Explanation {
  if (reference.register === null) return explainIndex(reference);
  const register = registerOf(model, reference.register);
  if (!register) return explainCount(model, reference);
  const isGuests = reference.storage !== null || reference.kind === 'argument';
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement([...subjectOf(reference, register), ...whatHappens(model, file, reference, register)]),
    owners: isGuests ? ownerLines(register, backendOfFile(model, file.source.path)) : [],
    notes: isGuests ? [...accessorNotes(model, reference), ...setNotes(model, register)] : [],
  };
}

/** The register; an alias under its own name, as it is no register of its own. */
function subjectOf(reference: Reference, register: Register): Phrase[] {
  if (!register.aliases.includes(reference.via)) return [strong(register.register)];
  return [strong(registerName(reference.via)), `, another name of ${register.register} and no register of its own`];
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
      if (reference.storage === null) return lookAlike(number);
      return [': changed in ', ...storage, ...change(file, reference, register)];
    case 'address':
      return [': the address of ', ...storage];
    case 'asm-load':
    case 'asm-store':
      return assemblyPhrases(model, file, reference, register);
    case 'declare':
      return declaration(register, number);
    case 'define':
      return definition(model, reference);
    case 'case':
      return caseOf(reference, register);
    case 'mask':
      return [': its bit in ', ...setAt(file, reference)];
    case 'mark-available':
      return [': marked available (avail bit), the register cache holds it from here on'];
    case 'mark-dirty':
      return [': marked dirty, the register cache holds a value to be written back before VM-entry'];
    case 'mark-reload':
      return [': marked for reload (avail and dirty cleared), the next reader fetches it again'];
    case 'test-available':
      return [': tests whether it is available, that is whether the register cache holds it'];
    case 'test-dirty':
      return [
        ': tests whether it is dirty, that is whether the register cache holds a value that hardware has not got yet',
      ];
    case 'argument':
      return [
        ': its number',
        ...(number === null ? [] : [`, ${String(number)},`]),
        ' handed to ',
        code(reference.callee ?? 'a function'),
      ];
    case 'other':
      if (reference.storage === null) return lookAlike(number);
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

/** What a `case` does for its register: where the value comes from, or only which function it is of. */
function caseOf(reference: Reference, register: Register): Phrase[] {
  const label = `case ${reference.via}`;
  const fetched = register.transfers.find(
    (t) =>
      t.function === reference.function &&
      t.to?.kind === 'cache' &&
      t.guards.some((guard) => guard.split(' | ').includes(label)),
  );
  const by: Phrase[] = [' by ', code(reference.function ?? 'this function')];
  const helper = register.owners
    .flatMap((owner) => owner.load)
    .find((t) => t.guards.some((guard) => guard.split(' | ').includes(label)));
  const from = fetched?.from ?? helper?.from;
  if (!from) return [': what is done for it', ...by];
  return [
    ': fetched from ',
    ...placePhrases(from),
    ...by,
    ...(fetched ? [] : [' through ', code(helper?.function ?? '')]),
  ];
}

/** The set in whose definition a bit stands. */
function setAt(file: ModelFile, reference: Reference): Phrase[] {
  const sets =
    file.facts?.sets.filter((set) => set.offset <= reference.start && set.members.includes(reference.register ?? '')) ??
    [];
  const set = sets.at(-1);
  return set ? [code(set.name)] : ['a set of registers'];
}

function declaration(register: Register, number: number | null): Phrase[] {
  const titles = {
    gpr: 'general-purpose register',
    special: 'special register',
    'exit-info': 'exit information, no guest register',
  };
  const { member, storage } = register;
  const condition: Phrase[] = member?.condition ? [', only under ', code(member.condition)] : [];
  const kept: Phrase[] = storage === null ? [] : [', kept in ', code(shownStorage(storage))];
  return [`: ${titles[register.class]}${number === null ? '' : ` ${String(number)}`}`, ...kept, ...condition];
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

/** What is merged into a register's old value. */
function change(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(file, reference, register);
  if (!transfer?.from || transfer.other === '') return [];
  return [', by ', code(transfer.other), ', from ', ...placePhrases(transfer.from)];
}

function origin(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(file, reference, register);
  if (!transfer?.from || transfer.from.kind === 'cache') return [];
  return [', from ', ...placePhrases(transfer.from), ...momentOf(transfer)];
}

function destination(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(file, reference, register);
  if (!transfer?.to || transfer.to.kind === 'cache') return [];
  return [', to ', ...placePhrases(transfer.to), ...momentOf(transfer)];
}

/** Moments that are not VM-entry, VM-exit or a reader's need, and so deserve a word. */
function momentOf(transfer: Transfer): Phrase[] {
  const words: Partial<Record<Transfer['phase'], string>> = {
    smm: ', for an SMI',
    nested: ', for nested virtualization',
    launch: ', before launch',
    reset: ', at reset',
  };
  const word = words[transfer.phase];
  return word === undefined ? [] : [word];
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
  const which = place.which === undefined ? '' : `${place.which} `;
  return [
    `${titles[place.kind] ?? ''}${which}`,
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

/** For a register that is fetched when needed: what makes the cache forget it, and where. */
function setNotes(model: RegisterModel, register: Register): Statement[] {
  if (!register.owners.some((owner) => owner.sync === 'lazy')) return [];
  return clearingSets(model, register.member?.name ?? '').map(({ set, uses }) =>
    statement(['Its avail bit is cleared by ', code(set.name)], [...evidenceAt(model, set.file, set.offset), ...uses]),
  );
}

/** How many GPRs a number of so many bits can name. */
function explainIndex(reference: Reference): Explanation {
  if (!reference.index) return explainClear(reference);
  const { bits, shift, text, counts } = reference.index;
  if (counts) return explainCounter(reference, counts);
  const last = bits === null ? null : GPR_NAMES[2 ** bits - 1];
  const field = bits !== null && shift !== null ? `, bits ${String(shift + bits - 1)}:${String(shift)}` : '';
  const reach =
    bits === null ? [] : [` (${String(bits)} bits: RAX-${last ?? 'R31'}${bits === 4 ? '; R16-R31 need a fifth' : ''})`];
  return {
    subject: { kind: 'index', name: reference.via },
    answer: statement([strong('Any GPR'), `: ${kindWord(reference)}, number from `, code(text), field, ...reach]),
    owners: [],
    notes: [],
  };
}

/** A loop over registers. */
function explainCounter(reference: Reference, counts: NonNullable<RuntimeIndex['counts']>): Explanation {
  const name = (number: number | null) => (number === null ? undefined : GPR_NAMES[number]);
  const [first, last] = [name(counts.first), name(counts.last)];
  const range =
    first !== undefined && last !== undefined ? `, ${first}-${last}` : first !== undefined ? `, from ${first} on` : '';
  return {
    subject: { kind: 'index', name: reference.via },
    answer: statement([
      strong('Every GPR in turn'),
      `${range}: ${kindWord(reference)}, number counted by `,
      code(reference.via),
    ]),
    owners: [],
    notes: [],
  };
}

/** `memset(vcpu->arch.regs, 0, ...)`, `&vcpu->arch.regs` */
function explainClear(reference: Reference): Explanation {
  if (reference.kind === 'address') {
    const given: Phrase[] = reference.callee === undefined ? [] : [', handed to ', code(reference.callee)];
    return {
      subject: { kind: 'reference', name: reference.via },
      answer: statement([
        strong('Every GPR'),
        ': the address of the register cache, ',
        code('vcpu->arch.regs[]'),
        ...given,
      ]),
      owners: [],
      notes: [],
    };
  }
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
