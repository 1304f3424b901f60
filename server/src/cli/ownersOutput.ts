import { conditionsText } from '../explain/conditionsText.js';
import { lineEvidence } from '../explain/evidence.js';
import { reachText } from '../explain/numberWords.js';
import { wordsOf } from '../explain/words.js';
import { decodersOf } from '../model/query/decoders.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import type { Transfer } from '../backends/transfer.js';
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
    ...(register.egpr ? { decoders: decodersJson(model) } : {}),
    problems: model.unread,
  };
}

/** A register's owners as text: for each its sentence, then its transfers as lines that editors jump from. */
export function ownersLines(model: RegisterModel, register: Register, backend: string | null): Line[] {
  const owners = ownersFor(register, backend).flatMap((owner, i) => [
    ...(i === 0 ? [] : ['']),
    heading(
      `${wordsOf(model).backend(owner.backend)}: ${owner.sync}${owner.when === null ? '' : `, if ${owner.when.text}`}`,
    ),
    `  ${ownerSummary(model, register, owner)}`,
    ...placesOf(register, owner),
  ]);
  return register.egpr ? [...owners, ...decoderLines(model)] : owners;
}

/** For one of R16-R31: the functions and macros by which KVM gets a register's number, as numbers of four bits stop at R15. */
function decodersJson(model: RegisterModel): object[] {
  return decodersOf(model).map(({ name, kind, widths, span: { file, start } }) => ({
    [kind]: name,
    widths: widths.map(({ bits, condition }) => ({ bits, condition })),
    ...lineEvidence(model, file, start),
  }));
}

function decoderLines(model: RegisterModel): Line[] {
  const decoders = decodersOf(model);
  if (decoders.length === 0) return [];
  const lines = decoders.map(({ name, kind, widths, span: { file, start } }) => {
    const { line } = lineEvidence(model, file, start);
    const does = kind === 'macro' ? 'cuts out' : 'returns';
    return placeLine(`${file}:${String(line)}: ${name} ${does} a register's number, ${reachText(widths)}`);
  });
  return ['', heading('Register numbers, by what decodes them'), ...lines];
}

function ownersFor(register: Register, backend: string | null): readonly RegisterOwner[] {
  return register.owners.filter((owner) => backend === null || owner.backend === backend);
}

function placesOf(register: Register, owner: RegisterOwner): Line[] {
  const line = (kind: string, t: Transfer) => {
    const call = t.call ? `, called by ${t.call.function} ${t.call.file}:${String(t.call.line)}` : '';
    const phase = t.isOnVmFail ? `${t.phase}, also on VM-fail` : t.phase;
    const move = `via ${t.from?.name ?? t.other} -> ${t.to?.name ?? 'its caller'}`;
    const place = `${t.file}:${String(t.line)}:${String(t.column)}`;
    return placeLine(
      `${place}: ${kind} ${register.register} ${move} in ${t.function} (${phase}${call})${conditionsText(t.guards)}`,
    );
  };
  return [...owner.load.map((t) => line('load', t)), ...owner.store.map((t) => line('store', t))];
}
