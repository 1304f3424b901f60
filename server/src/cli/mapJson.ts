import { guardText } from '../syntax/conditions/guard.js';
import { GPR_NAMES } from '../facts/registers/registerFile.js';
import type { Register, RegisterModel, Transfer } from '../model/registerModel.js';

/** The register map as the contract's JSON document. */
export function mapJson(model: RegisterModel): object {
  return {
    schema: 1,
    tree: { root: model.root, kernel: model.kernel, files: model.files.size, problems: model.problems.length },
    backends: model.backends.map((backend) => backend.name),
    registers: model.registers.map(registerJson),
    problems: model.problems,
  };
}

function registerJson(register: Register): object {
  const { member } = register;
  const index = member?.index ?? null;
  const index32 = member?.index32 ?? null;
  return {
    name: member?.name ?? null,
    register: register.register,
    // A register that the enum lacks has the number that instructions give it.
    index: member ? index : GPR_NAMES.indexOf(register.register),
    ...(member && index32 !== index ? { index32 } : {}),
    class: register.class,
    aliases: register.aliases,
    condition: member && member.conditions.length > 0 ? member.conditions.map(guardText).join(' && ') : null,
    storage: register.storage,
    declared: member?.declared ? { file: member.declared.file, line: member.declared.line } : null,
    owners: register.owners.map(ownerJson),
  };
}

/** An owner as the contract has it; `when` only where it holds under a condition, `missing` only where something is. */
export function ownerJson(owner: Register['owners'][number]): object {
  const { backend, when, sync, place, load, store, summary, missing } = owner;
  return {
    backend,
    ...(when === null ? {} : { when: when.text }),
    sync,
    place: { kind: place.kind, name: place.name },
    load: load.map(transferJson),
    store: store.map(transferJson),
    summary,
    ...(missing.length === 0 ? {} : { missing }),
  };
}

/** A transfer; `call` only for a helper's: where it is called on the way to VM-entry. */
function transferJson({ file, line, function: fn, phase, guards, call }: Transfer): object {
  const site = call === null ? {} : { call: { file: call.file, line: call.line, function: call.function } };
  return { file, line, function: fn, phase, guards: guards.map(guardText), ...site };
}
