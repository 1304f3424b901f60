import { wordsOf } from '../explain/words.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import type { Transfer } from '../backends/transfer.js';
import { isTest, shownGuard } from '../syntax/conditions/guard.js';
import type { RegisterOwner, Register, RegisterModel } from '../model/registerModel.js';
import { heading, placeLine, type Line } from './lines.js';
import { ownerJson } from './mapJson.js';

/** A register's owners as JSON; of one backend where one is named. */
export function ownersJson(model: RegisterModel, register: Register, backend: string | null): object {
  return {
    schema: 1,
    register: register.register,
    name: register.member?.name ?? null,
    kernel: model.kernel,
    owners: ownersFor(register, backend).map((owner) => ownerJson(model, register, owner)),
    problems: model.unread,
  };
}

/** A register's owners as text: for each its sentence, then its transfers as lines that editors jump from. */
export function ownersLines(model: RegisterModel, register: Register, backend: string | null): Line[] {
  return ownersFor(register, backend).flatMap((owner, i) => [
    ...(i === 0 ? [] : ['']),
    heading(
      `${wordsOf(model).backend(owner.backend)}: ${owner.sync}${owner.when === null ? '' : `, if ${owner.when.text}`}`,
    ),
    `  ${ownerSummary(model, register, owner)}`,
    ...placesOf(register, owner),
  ]);
}

function ownersFor(register: Register, backend: string | null): readonly RegisterOwner[] {
  return register.owners.filter((owner) => backend === null || owner.backend === backend);
}

function placesOf(register: Register, owner: RegisterOwner): Line[] {
  const line = (kind: string, t: Transfer) => {
    const tests = t.guards.filter(isTest);
    const guards = tests.length > 0 ? ` if ${tests.map(shownGuard).join(' && ')}` : '';
    const call = t.call ? `, called by ${t.call.function} ${t.call.file}:${String(t.call.line)}` : '';
    const phase = t.isOnVmFail ? `${t.phase}, also on VM-fail` : t.phase;
    const move = `via ${t.from?.name ?? t.other} -> ${t.to?.name ?? 'its caller'}`;
    const place = `${t.file}:${String(t.line)}:${String(t.column)}`;
    return placeLine(`${place}: ${kind} ${register.register} ${move} in ${t.function} (${phase}${call})${guards}`);
  };
  return [...owner.load.map((t) => line('load', t)), ...owner.store.map((t) => line('store', t))];
}
