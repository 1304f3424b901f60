import { GPR_NAMES } from '../facts/registerFile.js';
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
    condition: member?.condition ?? null,
    storage: register.storage,
    declared: member?.declared ? { file: member.declared.file, line: member.declared.line } : null,
    owners: register.owners.map(ownerJson),
  };
}

/** An owner as the contract has it; `when` only where it holds under a condition. */
export function ownerJson(owner: Register['owners'][number]): object {
  const { backend, when, sync, place, load, store, summary } = owner;
  return {
    backend,
    ...(when === null ? {} : { when }),
    sync,
    place: { kind: place.kind, name: place.name },
    load: load.map(transferJson),
    store: store.map(transferJson),
    summary,
  };
}

function transferJson({ file, line, function: fn, phase, guards }: Transfer): object {
  return { file, line, function: fn, phase, guards };
}
