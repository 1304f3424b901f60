import type { Transfer } from '../../server/src/backends/transfer.js';
import type { Place } from '../../server/src/backends/place.js';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { ownerSummary } from '../../server/src/explain/ownerSummary.js';
import type { RegisterOwner, RegisterModel } from '../../server/src/model/registerModel.js';

/** The owners of a tree's registers: `RSP vmx` to what holds there, one line for each of its cases. */
export function ownersOf(model: RegisterModel): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { register, owners } of model.registers) {
    for (const owner of owners) {
      const key = `${register} ${owner.backend}`;
      found.set(key, [...(found.get(key) ?? []), ownerLine(owner)]);
    }
  }
  return found;
}

/** `lazy vmcs GUEST_PDPTR0-3 when enable_ept` */
export function ownerLine({ sync, place, when }: RegisterOwner): string {
  return `${sync} ${place.kind} ${place.name}${when === null ? '' : ` when ${when.text}`}`;
}

/** Every transfer of a tree's map with all that is said of it, each once. Sorted. */
export function transferLines(model: RegisterModel): string[] {
  const lines = model.registers.flatMap(({ register, owners }) =>
    owners.flatMap(({ backend, load, store }) => [
      ...load.map((transfer) => `${register} ${backend} load ${transferLine(transfer)}`),
      ...store.map((transfer) => `${register} ${backend} store ${transferLine(transfer)}`),
    ]),
  );
  return [...new Set(lines)].sort();
}

/** A transfer with all that is said of it. */
export function transferLine({ file, line, function: fn, phase, from, to, other, guards }: Transfer): string {
  return `${file}:${String(line)} ${fn} ${phase}: ${placesLine({ from, to })} ${other} [${guards.map(guardText).join('; ')}]`;
}

/** `vmcs GUEST_RSP -> cache arch.regs[VCPU_REGS_RSP]`; `-` stands for a side that is no place. */
export function placesLine({ from, to }: Pick<Transfer, 'from' | 'to'>): string {
  return `${placeName(from)} -> ${placeName(to)}`;
}

function placeName(place: Place | null): string {
  return place ? `${place.kind} ${place.name}` : '-';
}

/** All that a model says of registers: the register file, the map, the names it was read with, every reference. Sorted. */
export function modelLines(model: RegisterModel): string[] {
  const { registers, backends, symbols, files, problems } = model;
  return [
    ...backends.map(({ name, entries }) => `backend ${name}: ${entries.join(', ')}`),
    ...registers.map(({ register, member, storage, aliases }) => {
      const declared = member?.declared ? `${member.declared.file}:${String(member.declared.line)}` : 'not declared';
      const own = member ? `${member.name} ${member.class} ${declared}` : 'none';
      return `register ${register} ${own} in ${storage ?? 'none'}, aliases ${aliases.join(', ')}`;
    }),
    ...registers.flatMap((register) =>
      register.owners.map(
        (owner) =>
          `owner ${register.register} ${owner.backend}: ${ownerLine(owner)}. ${ownerSummary(model, register, owner)}`,
      ),
    ),
    ...transferLines(model),
    ...[...symbols.accessors.values()].map(
      (accessor) => `accessor ${accessor.name} ${accessor.kind} ${accessor.member}`,
    ),
    ...[...symbols.indexed.values()].map((fn) => `by number ${fn.name} ${fn.kind} ${fn.storage} ${fn.file}`),
    ...[...symbols.wrappers.values()].flatMap(({ name, uses }) =>
      uses.map((use) => `wrapper ${name} ${use.kind} ${use.member}`),
    ),
    ...[...files].flatMap(([path, { facts, references }]) => [
      ...(facts?.sets ?? []).map(
        (set) => `set ${set.name} ${String(set.isComplement)} ${set.members.join(' ')} ${path}`,
      ),
      ...references.map(
        ({ register, kind, via, function: fn, guards, start, end, isIndirect, statement }) =>
          `reference ${path} ${String(start)} ${String(end)} ${register ?? 'any'} ${kind} via ${via} in ${fn ?? 'none'} ` +
          `${String(isIndirect)} ${String(statement)} [${guards.map(guardText).join('; ')}]`,
      ),
    ]),
    ...problems.map(({ file, line, message }) => `problem ${file}:${String(line)} ${message}`),
  ].sort();
}

/** What only one of two lists has. */
export function difference(before: readonly string[], after: readonly string[]): { lost: string[]; gained: string[] } {
  const [old, fresh] = [new Set(before), new Set(after)];
  return { lost: before.filter((line) => !fresh.has(line)), gained: after.filter((line) => !old.has(line)) };
}
