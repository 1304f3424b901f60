import { asmFunctionsIn, isWorldSwitch, slotsOf, type AsmFunction } from '../model/query/assembly.js';
import { definitionSpan, functionNamed, functionsIn, type CFunction } from '../model/query/functions.js';
import {
  referencesIn,
  referencesOf,
  referenceSpans,
  referencesOfFunction,
  referencesVia,
  type FileReference,
} from '../model/query/references.js';
import { architecturalName, registerOf } from '../model/query/registers.js';
import { mentionsOf, setsIn, setSpan } from '../model/query/sets.js';
import { accessorNamed, accessorsMadeAt } from '../model/query/cSymbols.js';
import { byPlace, distinctSpans, nameSpan, type FileSpan } from '../model/query/text.js';
import { transferSpan } from '../model/query/transfers.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { moveGroups, summaryOf, type MoveGroup } from './explainFunction.js';
import { setSummary } from './explainSet.js';
import { worldSwitchSummary } from './explainWorldSwitch.js';
import type { Lens, LensOptions } from './lens.js';
import { wordsOf, type Words } from './words.js';
import { xsaveLenses } from './xsave/xsaveLenses.js';

/** The lenses of a file, in the order of the text. */
export function lensesOf(model: RegisterModel, path: string, options: LensOptions): Lens[] {
  const lenses = [
    ...registerLenses(model, path),
    ...instantiationLenses(model, path),
    ...asmFunctionsIn(model, path).flatMap((fn) => assemblyLens(model, fn)),
    ...functionsIn(model, path).flatMap((fn) => functionLens(model, fn, options)),
    ...setLenses(model, path),
    ...xsaveLenses(model, path),
  ];
  return lenses.sort((a, b) => a.span.start - b.span.start);
}

function registerLenses(model: RegisterModel, path: string): Lens[] {
  return referencesIn(model, path)
    .filter(({ kind }) => kind === 'declare')
    .flatMap((reference) => {
      const register = registerOf(model, reference.register);
      if (!register || register.member?.name !== reference.register) return [];
      const locations = referenceSpans(model, register);
      const calls = referencesOf(model, register).filter(({ reference }) => accessorNamed(model, reference.via)).length;
      const owners = register.owners.filter((owner, i, all) => all.findIndex((o) => o.backend === owner.backend) === i);
      const parts = ownerParts(
        wordsOf(model),
        owners.filter((owner) => owner.sync !== 'none'),
      );
      const count = `${String(locations.length)} refs${calls > 0 ? `, ${String(calls)} accessor calls` : ''}`;
      return [{ span: reference, title: [...parts, count].join(' · '), locations }];
    });
}

function referenceSpan({ file, reference: { start, end } }: FileReference): FileSpan {
  return { file, start, end };
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

function shortOwner(words: Words, { sync, place, missing }: Register['owners'][number]): string {
  const lacks = missing.length > 0 ? ', incomplete' : '';
  if (place.kind === 'hardware') return `${sync === 'switched' ? '' : 'hardware, '}${sync}${lacks}`;
  const name = place.name.replace(/\{.*\}$/, '*');
  if (sync === 'lazy' || sync === 'eager' || sync === 'direct')
    return `${words.place(place.kind).lead}${name}, ${sync}`;
  if (sync === 'partial') return words.place(place.kind).passing?.short(name) ?? name;
  return sync;
}

/** On each use of a macro that makes accessors. */
function instantiationLenses(model: RegisterModel, path: string): Lens[] {
  return referencesIn(model, path)
    .filter(({ kind }) => kind === 'define')
    .flatMap((reference) => {
      const names = [...new Set(accessorsMadeAt(model, path, reference.start).map(({ name }) => name))];
      if (names.length === 0) return [];
      const locations = names.flatMap((name) => referencesVia(model, name).map(referenceSpan)).sort(byPlace);
      return [{ span: reference, title: `makes ${names.join(', ')} · ${String(locations.length)} calls`, locations }];
    });
}

/** On a function of an assembly file: what it moves around a VM-entry, or else. */
function assemblyLens(model: RegisterModel, fn: AsmFunction): Lens[] {
  const { file, asm } = fn;
  if (asm.isInline) return [];
  const title = isWorldSwitch(model, fn) ? worldSwitchSummary(model, asm) : helperTitle(model, fn);
  if (title === '') return [];
  const slots = slotsOf(model, asm).filter(({ isGuest }) => isGuest);
  const locations = slots.map(({ name: { start, end } }) => ({ file, start, end }));
  return [{ span: nameSpan(file, asm.offset, asm.name), title, locations: distinctSpans(locations) }];
}

/** What an assembly function moves that enters no guest; '' for one that moves nothing. */
function helperTitle(model: RegisterModel, { file, asm }: AsmFunction): string {
  const node = functionNamed(model, asm.name, file);
  return node ? summaryOf(moveGroups(model, node)) : '';
}

function functionLens(model: RegisterModel, fn: CFunction, options: LensOptions): Lens[] {
  const groups = moveGroups(model, fn);
  if (groups.length > 0) {
    const locations = groups.flatMap(({ transfers }) => transfers.map((t) => movedSpan(model, t)));
    return [{ span: definitionSpan(fn), title: summaryOf(groups), locations: distinctSpans(locations) }];
  }
  return options.everyFunction ? usageLens(model, fn) : [];
}

function movedSpan(model: RegisterModel, transfer: MoveGroup['transfers'][number]): FileSpan {
  const member = transfer.to?.register ?? transfer.from?.register ?? null;
  return transferSpan(model, member, transfer);
}

/** On a function that reads or writes registers and moves none. */
function usageLens(model: RegisterModel, fn: CFunction): Lens[] {
  const own = referencesOfFunction(model, fn).filter(
    ({ register, kind }) => register !== null && /^(?:read|write|readwrite)$/.test(kind),
  );
  if (own.length === 0) return [];
  const names = (kind: RegExp) => {
    const some = own.filter((reference) => kind.test(reference.kind));
    return [...new Set(some.map(({ register }) => architecturalName(model, register ?? '')))].join(' ');
  };
  const [reads, writes] = [names(/read/), names(/write/)];
  const parts = [reads === '' ? '' : `reads ${reads}`, writes === '' ? '' : `writes ${writes}`];
  const locations = own.map(({ start, end }) => ({ file: fn.file, start, end }));
  return [{ span: definitionSpan(fn), title: parts.filter((part) => part !== '').join(' · '), locations }];
}

function setLenses(model: RegisterModel, path: string): Lens[] {
  return setsIn(model, path).map((set) => ({
    span: setSpan(set),
    title: setSummary(model, set),
    locations: mentionsOf(model, set).map(({ span }) => span),
  }));
}
