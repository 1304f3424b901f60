import { accessorNamed, accessorsMadeAt } from '../model/query/cSymbols.js';
import { referencesIn, referencesOf, referenceSpans } from '../model/query/references.js';
import { registerOf } from '../model/query/registers.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import type { Lens } from './lens.js';
import { shortField } from './transferPhrases.js';
import { wordsOf, type Words } from './words.js';

/** On each member of the register enum, and on each macro that is the number of one: where the register is for each backend. */
export function registerLenses(model: RegisterModel, path: string): Lens[] {
  return referencesIn(model, path).flatMap((reference) => {
    const isNumber = reference.kind === 'define' && accessorsMadeAt(model, path, reference.start).length === 0;
    const register = reference.kind === 'declare' || isNumber ? registerOf(model, reference.register) : null;
    if (!register || register.member?.name !== reference.register) return [];
    return [{ span: reference, title: registerTitle(model, register), locations: referenceSpans(model, register) }];
  });
}

/** `VMX: VMCS GUEST_RSP, lazy · SVM: VMCB save.rsp, eager · 31 references, 8 accessor calls` */
function registerTitle(model: RegisterModel, register: Register): string {
  const references = referencesOf(model, register);
  const calls = references.filter(({ reference }) => accessorNamed(model, reference.via)).length;
  const owners = register.owners.filter((owner, i, all) => all.findIndex((o) => o.backend === owner.backend) === i);
  const parts = ownerParts(
    wordsOf(model),
    owners.filter((owner) => owner.sync !== 'none'),
  );
  const count = `${String(references.length)} ${references.length === 1 ? 'reference' : 'references'}${calls > 0 ? `, ${String(calls)} accessor ${calls === 1 ? 'call' : 'calls'}` : ''}`;
  return [...parts, count].join(' · ');
}

/** `VMX: switched`; backends of which the same is to be said, in one part. */
function ownerParts(words: Words, owners: Register['owners']): string[] {
  const backends = new Map<string, string[]>();
  for (const owner of owners) {
    const text = shortOwner(words, owner);
    backends.set(text, [...(backends.get(text) ?? []), words.backend(owner.backend)]);
  }
  return [...backends].map(([text, titles]) => `${titles.join(', ')}: ${text}`);
}

/** Characters of a condition that a lens has room for. */
const LONGEST_CONDITION = 30;

function shortOwner(words: Words, { sync, place, missing, when }: Register['owners'][number]): string {
  const isShort = when !== null && when.text.length <= LONGEST_CONDITION;
  const condition = when === null ? '' : isShort ? ` if ${when.text}` : ' under a condition';
  const lacks = `${condition}${missing.length > 0 ? ', incomplete' : ''}`;
  if (place.kind === 'hardware') return `${sync === 'switched' ? '' : 'hardware, '}${sync}${lacks}`;
  const name = shortField(place.name);
  if (sync === 'lazy' || sync === 'eager' || sync === 'direct')
    return `${words.place(place.kind).lead.replace(/^the /, '')}${name}, ${sync}${lacks}`;
  if (sync === 'partial') return `${words.place(place.kind).passing?.short(name) ?? name}${lacks}`;
  return `${sync === 'unknown' ? 'not known' : sync}${lacks}`;
}
