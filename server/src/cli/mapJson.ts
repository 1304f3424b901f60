import { pathsOf } from '../model/query/text.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { missingText } from '../explain/missingWords.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import { wordsOf } from '../explain/words.js';
import { isOpen, type Reason, type Unknowns } from '../backends/owner.js';
import type { Transfer } from '../backends/transfer.js';
import { GPRS } from '../syntax/x86/registers.js';
import { guardText, isTest } from '../syntax/conditions/guard.js';

/** The register map as the contract's JSON document. */
export function mapJson(model: RegisterModel): object {
  return {
    schema: 1,
    tree: { root: model.root, kernel: model.kernel, files: pathsOf(model).length, problems: model.problems.length },
    backends: model.backends.map((backend) => backend.name),
    registers: model.registers.map((register) => registerJson(model, register)),
    problems: model.problems,
  };
}

function registerJson(model: RegisterModel, register: Register): object {
  const { member } = register;
  const index = member?.index ?? null;
  const index32 = member?.index32 ?? null;
  return {
    name: member?.name ?? null,
    register: register.register,
    // A register that the enum lacks has the number that instructions give it.
    index: member ? index : GPRS.indexOf(register.register),
    ...(member && index32 !== index ? { index32 } : {}),
    class: register.class,
    aliases: register.aliases,
    condition: member && member.conditions.length > 0 ? member.conditions.map(guardText).join(' && ') : null,
    storage: register.storage,
    declared: member?.declared ? { file: member.declared.file, line: member.declared.line } : null,
    owners: register.owners.map((owner) => ownerJson(model, register, owner)),
  };
}

/** An owner as the contract has it; `when` only where it holds under a condition, `missing` only where something is. */
export function ownerJson(model: RegisterModel, register: Register, owner: RegisterOwner): object {
  const { backend, when, sync, place, load, store, unknown, missing } = owner;
  const words = wordsOf(model);
  return {
    backend,
    ...(when === null ? {} : { when: when.text }),
    sync,
    place: { kind: place.kind, name: place.name },
    load: load.map(transferJson),
    store: store.map(transferJson),
    summary: ownerSummary(model, register, owner),
    ...(isOpen(unknown) ? { unknown: unknownJson(unknown) } : {}),
    ...(missing.length === 0 ? {} : { missing: missing.map((part) => missingText(words, part)) }),
  };
}

/** Why it is not known what fills the cache (`load`) or empties it (`store`). */
function unknownJson({ load, store }: Unknowns): object {
  const reasons = (all: readonly Reason[]) =>
    all.map(({ file, line, what, why }) => ({ file, line, message: `${what} ${why}` }));
  return { load: reasons(load), store: reasons(store) };
}

/** A transfer; `call` only for a helper's: where it is called on the way to VM-entry; `onVmFail` only for one that is done on VM-fail too. */
function transferJson({ file, line, function: fn, phase, guards, call, isOnVmFail }: Transfer): object {
  const site = call === null ? {} : { call: { file: call.file, line: call.line, function: call.function } };
  const failed = isOnVmFail ? { onVmFail: true } : {};
  return { file, line, function: fn, phase, guards: guards.filter(isTest).map(guardText), ...site, ...failed };
}
