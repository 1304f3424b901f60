import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { xsaveRows } from '../../server/src/view/xsaveRows.js';
import type { Documents, JsonComponent, JsonMove, JsonRegister, JsonState } from './jsonDocuments.js';

/** What the map, its page's rows and `xsave --json` say of R16-R31 and of components that does not go together. */
export function documentContradictions(model: RegisterModel, { registers, states, components }: Documents): string[] {
  const rows = xsaveRows(model);
  const functions = (moves: readonly { readonly function: string }[]) =>
    [...new Set(moves.map((move) => move.function))].sort().join(' ');
  const fromRows = components.flatMap(({ name, loadedBy, storedBy, supported, supportedBy }, i) => {
    const row = rows[i];
    const vendors = Object.fromEntries(row?.byVendor.map((own) => [own.vendor, own.supported]) ?? []);
    const isSame =
      row?.supported === supported &&
      JSON.stringify(vendors) === JSON.stringify(supportedBy) &&
      functions(row.load) === [...loadedBy].sort().join(' ') &&
      functions(row.store) === [...storedBy].sort().join(' ');
    return isSame ? [] : [`${name}: the map page's row and xsave --json differ`];
  });
  const apx = components.find(({ holds }) => holds === 'R16-R31');
  const egprs = registers.filter(({ register }) => /^R(?:1[6-9]|2\d|3[01])$/.test(register));
  const fromEgprs = egprs.flatMap((register) => (apx ? egprContradictions(register, apx, states) : []));
  return [...fromRows, ...fromEgprs];
}

/** What one of R16-R31 and its component say that does not go together. */
function egprContradictions(
  { register, owners }: JsonRegister,
  apx: JsonComponent,
  states: readonly JsonState[],
): string[] {
  const switched = owners.filter(({ sync }) => sync === 'switched' || sync === 'eager');
  const names = (all: readonly (readonly JsonMove[])[]) =>
    [...new Set(all.flat().map((move) => move.function))].sort().join(' ');
  const own = states.filter(({ state, side }) => state === apx.name && side === 'guest');
  const guards = (moves: readonly JsonMove[]) =>
    moves.map((move) => `${move.function} ${[...move.guards].sort().join(' && ')}`);
  const guarded = new Set(own.map((t) => `${t.function} ${[...t.guards].sort().join(' && ')}`));
  const lacking = switched
    .flatMap(({ load, store }) => guards([...load, ...store]))
    .filter((move) => !guarded.has(move));
  const users = owners.filter(
    ({ sync, summary }) => sync !== 'protected' && /Given to userspace|Set from userspace/.test(summary),
  );
  const denied = owners.filter(({ backend }) => apx.supportedBy[backend] === 'no');
  const isTested = own.every(({ guards: all }) => all.some((text) => /xcr0/i.test(text) && /apx/i.test(text)));
  const rules: readonly (readonly [boolean, string])[] = [
    [
      isTested && denied.some(({ summary }) => summary.includes('Given to userspace')),
      "given to userspace on a backend whose guests can't enable it, where a mask without it is tested",
    ],
    [
      switched.length > 0 && names(switched.map(({ store }) => store)) !== [...apx.loadedBy].sort().join(' '),
      'loads differ',
    ],
    [
      switched.length > 0 && names(switched.map(({ load }) => load)) !== [...apx.storedBy].sort().join(' '),
      'stores differ',
    ],
    [lacking.length > 0, `conditions differ: ${lacking.join('; ')}`],
    [users.some(({ summary }) => !apx.userspace.some((name) => summary.includes(name))), 'userspace paths differ'],
    [
      switched.length > 0 &&
        apx.supported === 'no' &&
        !switched.every(({ summary }) => summary.includes("can't enable")),
      'moved, and no guest may enable it',
    ],
    [
      apx.supported === 'no' && owners.some(({ summary }) => summary.includes('Given to userspace')),
      'given to userspace, and no guest may enable it',
    ],
  ];
  return rules.flatMap(([isBroken, text]) => (isBroken ? [`${register}: ${text}`] : []));
}
