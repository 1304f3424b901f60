import type { Register, RegisterModel } from '../model/registerModel.js';
import { code, listed, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** `CR3` of `VCPU_REG_CR3`. */
export function registerName(member: string): string {
  return member.replace(/^.*?_(?:EX)?REGS?_/, '');
}

/** The register that a name means: an enum member, an alias, or the architecture's name in any case. */
export function findRegister(model: RegisterModel, name: string): Register | null {
  const wanted = name.toUpperCase();
  const isNamed = (register: Register) => {
    const { member } = register;
    const names = [register.register, member?.name ?? '', ...register.aliases, ...register.aliases.map(registerName)];
    return names.some((n) => n !== '' && n.toUpperCase() === wanted);
  };
  return model.registers.find(isNamed) ?? null;
}

/** What is known of a register. */
export function explainRegister(
  model: RegisterModel,
  register: Register,
  firstBackend: string | null = null,
): Explanation {
  return {
    subject: { kind: 'register', name: register.register },
    answer: answerOf(register),
    owners: ownerLines(model, register, firstBackend),
    notes: [...aliasNote(register), ...(register.member ? [countNote(model, register)] : [])],
  };
}

function answerOf(register: Register): Statement {
  const { member } = register;
  if (!member) {
    const isAccessed = register.transfers.length > 0;
    const kept = isAccessed
      ? 'in hardware while KVM runs, not in the register cache'
      : 'this tree has no storage for it outside XSAVE';
    return statement([strong(register.register), `: ${kept}`]);
  }
  const evidence = member.declared ? [{ file: member.declared.file, line: member.declared.line }] : [];
  const what =
    register.class === 'gpr'
      ? 'general-purpose register'
      : register.class === 'exit-info'
        ? 'exit information, no guest register'
        : 'special register';
  const kept: Phrase[] =
    register.storage === null
      ? [', not kept in the register cache']
      : [', kept in ', code(shownStorage(register.storage))];
  return statement([strong(register.register), `: ${what} ${String(member.index ?? '?')}`, ...kept], evidence);
}

/** `vcpu->arch.regs[VCPU_REGS_RAX]`: storage as a reader finds it in code. */
export function shownStorage(storage: string): string {
  return storage.startsWith('arch.') ? `vcpu->${storage}` : storage;
}

function aliasNote(register: Register): Statement[] {
  return register.aliases.length > 0 ? [statement(['Also called ', ...listed(register.aliases.map(code)), '.'])] : [];
}

function countNote(model: RegisterModel, register: Register): Statement {
  const name = register.member?.name ?? null;
  let references = 0;
  let calls = 0;
  for (const file of model.files.values()) {
    for (const reference of file.references) {
      if (name === null || reference.register !== name || reference.isIndirect) continue;
      references++;
      if (model.symbols.accessors.has(reference.via)) calls++;
    }
  }
  return statement([`${String(references)} references, ${String(calls)} of them accessor calls.`]);
}
