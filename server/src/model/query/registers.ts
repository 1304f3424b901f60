import { isWhileRunning, type Sync } from '../../backends/owner.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { memberWritten } from '../../facts/registers/registerFile.js';
import type { RegisterMember } from '../../facts/registers/registerMember.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { nameSpan, type FileSpan } from './text.js';

/** The register of an enum member or of an alias, as code writes it; null for an end marker and any other name. */
export function registerOf(model: RegisterModel, member: string | null): Register | null {
  return member === null ? null : (registersByMember(model).get(member) ?? null);
}

const registersByMember = memoizeByIdentity(
  ({ registers }: RegisterModel): ReadonlyMap<string, Register> =>
    new Map(
      registers.flatMap((register) =>
        [register.member?.name ?? [], register.aliases].flat().map((name) => [name, register] as const),
      ),
    ),
);

/** The register that a user names in any case: by an enum member, by an alias, or by the architecture's name; null for none. */
export function registerNamed(model: RegisterModel, name: string): Register | null {
  return registersByName(model).get(name.toUpperCase()) ?? null;
}

const registersByName = memoizeByIdentity((model: RegisterModel): ReadonlyMap<string, Register> => {
  const found = new Map<string, Register>();
  for (const register of model.registers) {
    const members = [register.member?.name ?? [], register.aliases].flat();
    const names = [register.register, ...members, ...members.map((member) => architecturalName(model, member))];
    for (const name of names.map((any) => any.toUpperCase())) if (!found.has(name)) found.set(name, register);
  }
  return found;
});

/** How a backend brings a register into the cache, in the usual case; null where nothing is known to. */
export function loadingSyncOf(model: RegisterModel, member: string, backend: string | null): Sync | null {
  const owner = registerOf(model, member)?.owners.find((own) => own.backend === backend);
  const isLoaded = owner && (owner.load.some(isWhileRunning) || owner.sync === 'protected');
  return isLoaded ? owner.sync : null;
}

/** The enum's member of a name: a register's, an alias or an end marker; null for any other name. */
export function memberNamed({ symbols }: RegisterModel, name: string | null): RegisterMember | null {
  return name === null ? null : (symbols.registers.byName.get(name) ?? null);
}

/** The member whose number a macro holds (`__VCPU_REGS_RAX`); null for any other name. */
export function memberOfNumberMacro({ symbols }: RegisterModel, name: string): RegisterMember | null {
  return symbols.registers.numberMacros.get(name) ?? null;
}

/** The members of the enum, aliases and end markers included, in its order. */
export function enumMembers({ symbols }: RegisterModel): readonly RegisterMember[] {
  return symbols.registers.members;
}

/** Where a member is declared; null where the tree has no such enum. */
export function declarationOf({ name, declared, offset }: RegisterMember): FileSpan | null {
  return declared && nameSpan(declared.file, offset, name);
}

/** `RAX` of `VCPU_REGS_RAX`; a name that is no member of the enum is given back. */
export function architecturalName(model: RegisterModel, member: string): string {
  return memberNamed(model, member)?.register ?? member;
}

/** The enum members that names mean: a register's with its aliases, or an end marker's own. Unknown names mean none. */
export function membersNamed(model: RegisterModel, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const name of names) {
    const register = registerNamed(model, name);
    const member = register?.member ?? memberNamed(model, name);
    if (member) found.add(member.name);
    for (const alias of register?.aliases ?? []) found.add(alias);
  }
  return found;
}

/** The member that an expression for a register's number names, casts left out and aliases resolved; null for any other text. */
export function memberOfNumber({ symbols }: RegisterModel, written: string): RegisterMember | null {
  const member = memberWritten(symbols.registers, written);
  if (!member) return null;
  return member.aliasOf === null ? member : (symbols.registers.byName.get(member.aliasOf) ?? null);
}
