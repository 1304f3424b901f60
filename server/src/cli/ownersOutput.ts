import { wordsOf } from '../explain/words.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import type { Transfer } from '../backends/transfer.js';
import { isTest, shownGuard } from '../syntax/conditions/guard.js';
import type { RegisterOwner, Register, RegisterModel } from '../model/registerModel.js';
import { ownerJson } from './mapJson.js';

/** A register's owners as JSON; of one backend where one is named. */
export function ownersJson(model: RegisterModel, register: Register, backend: string | null): object {
  return {
    schema: 1,
    register: register.register,
    name: register.member?.name ?? null,
    kernel: model.kernel,
    owners: ownersFor(register, backend).map((owner) => ownerJson(model, register, owner)),
  };
}

/** A register's owners as text: for each its sentence, then its transfers as lines that editors jump from. */
export function ownersText(
  model: RegisterModel,
  register: Register,
  backend: string | null,
  bold: (text: string) => string,
): string {
  return ownersFor(register, backend)
    .map((owner) =>
      [
        bold(
          `${wordsOf(model).backend(owner.backend)}: ${owner.sync}${owner.when === null ? '' : `, if ${owner.when.text}`}`,
        ),
        `  ${ownerSummary(model, register, owner)}`,
        ...linesOf(register, owner),
      ].join('\n'),
    )
    .join('\n\n')
    .concat('\n');
}

function ownersFor(register: Register, backend: string | null): readonly RegisterOwner[] {
  return register.owners.filter((owner) => backend === null || owner.backend === backend);
}

function linesOf(register: Register, owner: RegisterOwner): string[] {
  const line = (kind: string, t: Transfer) => {
    const tests = t.guards.filter(isTest);
    const guards = tests.length > 0 ? ` if ${tests.map(shownGuard).join(' && ')}` : '';
    const call = t.call ? `, called by ${t.call.function} ${t.call.file}:${String(t.call.line)}` : '';
    const phase = t.isOnVmFail ? `${t.phase}, also on VM-fail` : t.phase;
    return `${t.file}:${String(t.line)}:${String(t.column)}: ${kind} ${register.register} via ${t.from?.name ?? t.other} -> ${t.to?.name ?? 'its caller'} in ${t.function} (${phase}${call})${guards}`;
  };
  return [...owner.load.map((t) => line('load', t)), ...owner.store.map((t) => line('store', t))];
}
