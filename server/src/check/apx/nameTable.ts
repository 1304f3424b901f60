import type { NameTable } from '../../facts/assembly/nameTables.js';
import { asmFunctionsIn, guestSlotMoves, nameTablesIn } from '../../model/query/assembly.js';
import { referencesIn } from '../../model/query/references.js';
import { architecturalName } from '../../model/query/registers.js';
import { nameSpan, pathsOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { EGPRS, GPRS } from '../../syntax/x86/registers.js';
import { finding, relatedPlace, type Finding, type RelatedPlace, type Rule } from '../finding.js';
import { areKeptInXsave, KEPT_IN_XSAVE } from './registerEnum.js';
import { areUpToR15 } from './registerSet.js';

const ID = 'apx/name-table';

/** Tables and switches of registers' names. */
export const nameTable: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'A table or a switch that tells registers by their names knows those up to R15.',
  why: "Assembly that moves slots of the register cache finds a slot by the register's name; a name that the table lacks is an assembly error. A switch takes R16-R31 for no register.",
  exemptions: [
    "Tables of assembly that moves no slot of the register cache, such as the host's own, or that moves R16-R31 without them, by number.",
    'Names of 32-bit registers.',
    KEPT_IN_XSAVE,
    'Lists that a protocol or hardware lays down: VMSA, GHCB, TDVMCALL.',
  ],
  task: 'R16-R31 in tables and switches of names',
  find: (model) => [...(areKeptInXsave(model) ? [] : assemblyTables(model)), ...switches(model)],
};

function assemblyTables(model: RegisterModel): Finding[] {
  const moves = guestSlotMoves(model);
  if (moves.some(({ member }) => EGPRS.has(member.register))) return [];
  const moving = new Set(moves.map(({ file }) => file));
  const users = new Map<string, { readonly table: NameTable; readonly related: RelatedPlace[] }>();
  for (const path of pathsOf(model).filter((file) => moving.has(file))) {
    const related = asmFunctionsIn(model, path).flatMap(({ asm: { entry, name, offset } }) =>
      entry ? relatedPlace(nameSpan(path, offset, name), `used in ${name}`) : [],
    );
    for (const table of nameTablesIn(model, path)) {
      const key = `${table.file} ${table.name}`;
      users.set(key, { table, related: [...(users.get(key)?.related ?? []), ...related] });
    }
  }
  return [...users.values()].flatMap(({ table, related }): Finding[] => {
    if (!areUpToR15(new Set([...table.registers].map((number) => GPRS[number] ?? '')))) return [];
    const message = `${table.name} knows registers by their names, up to R15; needs R16-R31 where the assembly moves them`;
    return [finding(ID, table, message, related)];
  });
}

function switches(model: RegisterModel): Finding[] {
  return pathsOf(model).flatMap((file) => {
    const cases = referencesIn(model, file).filter(({ kind }) => kind === 'case');
    const functions = new Set(cases.flatMap((reference) => reference.function ?? []));
    return [...functions].flatMap((name): Finding[] => {
      const own = cases.filter((reference) => reference.function === name);
      const registers = own.map(({ register }) => architecturalName(model, register ?? ''));
      const last = own.at(-1);
      if (!last || !areUpToR15(new Set(registers))) return [];
      const message = `the switch in ${name} has a case for each GPR up to R15; needs R16-R31`;
      return [finding(ID, { ...last, file }, message)];
    });
  });
}
