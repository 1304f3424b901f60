import { memoizeByIdentity } from '../../cache/memoize.js';
import type { RegisterModel } from '../registerModel.js';
import { cFunctions } from './functions.js';
import { isMemberAt, sourceOf } from './text.js';
import { isOfCacheStruct, unlistedIn } from './unlistedRegisters.js';

/** The register that no enum lists of which a member of a backend's own struct keeps a value that was read from the save area, and is called after: DEBUGCTL of `vmx->nested.pre_vmenter_debugctl`; null for any other word. */
export function unlistedKeptAt(model: RegisterModel, path: string, offset: number, name: string): string | null {
  return isMemberAt(sourceOf(model, path)?.text ?? '', offset) ? (keptByName(model).get(name) ?? null) : null;
}

const keptByName = memoizeByIdentity((model: RegisterModel): ReadonlyMap<string, string> => {
  const found = cFunctions(model).flatMap(({ c }) =>
    c.moves.flatMap(({ from, to }): (readonly [string, string])[] => {
      if (!from || from.kind === 'cache' || to?.kind !== 'cache' || isOfCacheStruct(to.name)) return [];
      const register = unlistedIn(from.name);
      const member = to.name.split(/\W+/).at(-1) ?? '';
      return register !== null && member.endsWith(`_${register.toLowerCase()}`) ? [[member, register]] : [];
    }),
  );
  return new Map(found);
});
