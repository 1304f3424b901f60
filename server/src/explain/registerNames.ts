import type { RegisterModel } from '../model/registerModel.js';
import { findRegister } from './explainRegister.js';

/** The enum members that names mean: a register's with its aliases, or an end marker's own. Unknown names mean none. */
export function membersNamed(model: RegisterModel, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const name of names) {
    const register = findRegister(model, name);
    const member = register?.member ?? model.symbols.registers.byName.get(name);
    if (member) found.add(member.name);
    for (const alias of register?.aliases ?? []) found.add(alias);
  }
  return found;
}
