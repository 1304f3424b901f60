import { referencesOf } from '../model/query/references.js';
import { accessorNamed } from '../model/query/cSymbols.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { code, joinPhrases, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** What is known of a register. */
export function explainRegister(
  model: RegisterModel,
  register: Register,
  firstBackend: string | null = null,
): Explanation {
  return {
    subject: { kind: 'register', name: register.register },
    answer: answerOf(register),
    owners: ownerLines(model, register, { first: firstBackend, isShort: false }),
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
  return register.aliases.length > 0
    ? [statement(['Also called ', ...joinPhrases(register.aliases.map(code)), '.'])]
    : [];
}

function countNote(model: RegisterModel, register: Register): Statement {
  const name = register.member?.name ?? null;
  const own = referencesOf(model, register).filter(({ reference }) => reference.register === name);
  const calls = own.filter(({ reference }) => accessorNamed(model, reference.via));
  return statement([`${String(own.length)} references, ${String(calls.length)} of them accessor calls.`]);
}
