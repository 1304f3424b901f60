import type { Transfer } from '../backends/transfer.js';
import { CACHE_MEMBER } from '../facts/symbols/cacheNames.js';
import type { Reference } from '../facts/registers/reference.js';
import { slotsAt } from '../model/query/assembly.js';
import { backendOfFile } from '../model/query/backends.js';
import { callersOf, functionNamed, isOnEntryPath } from '../model/query/functions.js';
import { architecturalName, registerOf } from '../model/query/registers.js';
import { mentionsOf, setsForgetting, setsIn } from '../model/query/sets.js';
import { accessorNamed, accessorsMadeAt, wrapperNamed } from '../model/query/cSymbols.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { conjunctionText } from '../syntax/conditions/guard.js';
import { conditionPhrases } from './conditionPhrases.js';
import { lineEvidence } from './evidence.js';
import { memberUsePhrases } from './memberUse.js';
import { sourceOf } from '../model/query/text.js';
import { explainCount, explainIndex } from './explainIndex.js';
import { shownStorage } from './explainRegister.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { ownerLines } from './ownerLines.js';
import { changePhrases, destination, origin, partOf, placePhrases } from './transferPhrases.js';
import { wordsOf } from './words.js';

/** What a reference does, and where the register's value comes from. */
export function explainReference(model: RegisterModel, path: string, reference: Reference): Explanation {
  if (reference.register === null) return explainIndex(model, path, reference);
  const register = registerOf(model, reference.register);
  if (!register) return explainCount(model, reference);
  const isOfGuest = reference.storage !== null || reference.kind === 'argument';
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement([
      ...subjectOf(model, reference, register),
      ...effectPhrases(model, path, reference, register),
      ...(CONDITIONED.test(reference.kind) ? conditionPhrases(model, reference.guards) : []),
    ]),
    owners: isOfGuest ? ownerLines(model, register, { first: backendOfFile(model, path), isShort: true }) : [],
    notes: isOfGuest ? [...accessorNotes(model, reference), ...setNotes(model, register)] : [],
  };
}

/** What is done with a register where it stands, so that a reader asks when. */
const CONDITIONED = /^(?:read|write|readwrite|mark-\w+|test-\w+)$/;

/** The register; an alias under its own name, as it is no register of its own. */
function subjectOf(model: RegisterModel, reference: Reference, register: Register): Phrase[] {
  if (!register.aliases.includes(reference.via)) return [strong(register.register)];
  return [
    strong(architecturalName(model, reference.via)),
    `, another name of ${register.register} and no register of its own`,
  ];
}

function effectPhrases(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const storage = storagePhrase(reference, register);
  const number = register.member?.index ?? null;
  switch (reference.kind) {
    case 'read':
      if (reference.storage === null) return otherArrayPhrases(number);
      return [...width(model, reference), ': read from ', ...storage, ...destination(model, path, reference, register)];
    case 'write':
      if (reference.storage === null) return otherArrayPhrases(number);
      return [...width(model, reference), ': written to ', ...storage, ...origin(model, path, reference, register)];
    case 'readwrite':
      if (reference.storage === null) return otherArrayPhrases(number);
      return changedPhrases(model, path, reference, register);
    case 'address':
      return [': the address of ', ...storage];
    case 'asm-load':
    case 'asm-store':
      return assemblyPhrases(model, path, reference, register);
    case 'declare':
      return declaration(register, number);
    case 'define':
      return definition(model, path, reference, register);
    case 'case':
      return caseOf(model, reference, register);
    case 'mask':
      return [': its bit in ', ...setAt(model, path, reference)];
    case 'mark-available':
      return [': marked available (avail bit), the register cache holds it from here on'];
    case 'mark-dirty':
      if (isAlias(register, reference))
        return [
          `: sets the dirty bit that it shares with ${register.register}, to ask for what is done before VM-entry`,
        ];
      return [': marked dirty, the register cache holds a value to be written back before VM-entry'];
    case 'mark-reload':
      return [': marked for reload (avail and dirty cleared), the next reader fetches it again'];
    case 'test-available':
      return [': tests whether it is available, that is whether the register cache holds it'];
    case 'test-dirty':
      if (isAlias(register, reference)) return [`: tests the dirty bit that it shares with ${register.register}`];
      return [
        ': tests whether it is dirty, that is whether the register cache holds a value that hardware has not got yet',
      ];
    case 'argument':
      return [
        ': its number',
        ...(number === null ? [] : [`, ${String(number)},`]),
        ' handed to ',
        code(reference.callee?.name ?? 'a function'),
      ];
    case 'other':
      if (reference.storage === null) return otherArrayPhrases(number);
      if (isOfStorage(register, reference)) return copyPhrases(model, path, reference, register);
      return [': its number', ...(number === null ? [] : [`, ${String(number)}`]), ...storageNote(register)];
  }
}

/** What is done to a register whose old value stays a part of the new one, or whose address is taken to change it. */
function changedPhrases(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const storage = storagePhrase(reference, register);
  if (!reference.callee || reference.storage !== 'emulator')
    return [': changed in ', ...storage, ...changePhrases(wordsOf(model), path, reference, register)];
  const { name } = reference.callee;
  return [': the address of ', ...storage, ', to change it; ', code(name), ' marks it to be written back'];
}

/** Whether a reference is by a second name that is no register of its own: its bit only asks for something. */
function isAlias({ aliases }: Register, { via }: Reference): boolean {
  return aliases.includes(via);
}

/** An array that is not known as one of KVM's copies: the number picks an element. */
function otherArrayPhrases(number: number | null): Phrase[] {
  return [
    `: its number${number === null ? '' : `, ${String(number)},`} is an index into another array than KVM's copies of registers, not known to hold guest registers`,
  ];
}

/** Whether a reference is by the member that the register is kept in. */
function isOfStorage({ storage }: Register, { via }: Reference): boolean {
  return via === `${CACHE_MEMBER}.${storage?.split(/\W+/).at(-1) ?? ''}`;
}

/** The member that the register is kept in, where it is used otherwise than by its value: as an array that is compared or copied. */
function copyPhrases(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const text = sourceOf(model, path)?.text ?? '';
  return [': in ', ...storagePhrase(reference, register), ...memberUsePhrases(text, reference)];
}

function storageNote(register: Register): Phrase[] {
  return register.storage === null ? [] : ['; the register is kept in ', code(shownStorage(register.storage))];
}

/** What a `case` does for its register: where the value comes from, or only which function it is of. */
function caseOf(model: RegisterModel, reference: Reference, register: Register): Phrase[] {
  const isCase = (t: Transfer) =>
    t.guards.some((guard) => guard.kind === 'case' && guard.labels.includes(reference.via));
  const fetched = register.transfers.find(
    (t) => t.function === reference.function && t.from !== null && t.to?.kind === 'cache' && isCase(t),
  );
  const loads = register.owners.flatMap((owner) => owner.load).filter(isCase);
  const helper = loads.find((t) => isCalledBy(model, t, reference.function));
  const by: Phrase[] = [' by ', code(reference.function ?? 'this function')];
  const from = fetched?.from ?? helper?.from;
  if (!from) return [': what is done for it', ...by];
  const through: Phrase[] = fetched || !helper ? [] : [' through ', code(helper.function)];
  const moved = fetched ?? helper;
  const when = moved ? conditionPhrases(model, moved.guards) : [];
  return [
    ': fetched from ',
    ...placePhrases(wordsOf(model), from),
    ...partOf(moved?.other ?? ''),
    ...by,
    ...through,
    ...when,
  ];
}

/** Whether a transfer's function is called by another. */
function isCalledBy(model: RegisterModel, transfer: Transfer, caller: string | null): boolean {
  const node = functionNamed(model, transfer.function, transfer.file);
  return node !== null && callersOf(model, node).some((edge) => edge.caller.name === caller);
}

/** The set in whose definition a bit stands. */
function setAt(model: RegisterModel, path: string, { start, register }: Reference): Phrase[] {
  const set = setsIn(model, path).findLast(
    ({ offset, members }) => offset <= start && members.includes(register ?? ''),
  );
  return set ? [code(set.name)] : ['a set of registers'];
}

function declaration(register: Register, number: number | null): Phrase[] {
  const { member, storage } = register;
  const shown = number === null ? '' : ` ${String(number)}`;
  const titles = {
    gpr: `general-purpose register${shown}`,
    special: `special register${shown}`,
    'exit-info': `exit information${shown}, no guest register`,
  };
  const condition: Phrase[] =
    member && member.conditions.length > 0 ? [', only under ', code(conjunctionText(member.conditions))] : [];
  const kept: Phrase[] = storage === null ? [] : [', kept in ', code(shownStorage(storage))];
  return [`: ${titles[register.class]}`, ...kept, ...condition];
}

function storagePhrase(reference: Reference, register: Register): Phrase[] {
  if (reference.storage === 'emulator') return ["the emulator's copy, ", code(`ctxt->_regs[${reference.via}]`)];
  return ['the register cache, ', code(shownStorage(register.storage ?? register.register))];
}

function width(model: RegisterModel, reference: Reference): Phrase[] {
  return accessorNamed(model, reference.via)?.width === 32 ? [', low 32 bits'] : [];
}

function assemblyPhrases(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const moves = slotsAt(model, path, reference.statement);
  const move = moves.find(({ member }) => member.name === register.member?.name);
  const whose = move && !move.isGuest ? WHOSE[move.transfer.content] : "the guest's value";
  const slot = code(shownStorage(register.storage ?? ''));
  const side = SIDES[move?.transfer.side ?? 'no-entry'];
  return reference.kind === 'asm-load'
    ? [`: ${whose} loaded from `, slot, ' into hardware', side]
    : [`: ${whose} stored from hardware to `, slot, side];
}

/** What a move is of that is not known to be of the guest's value. */
const WHOSE = {
  guest: "another register's value",
  host: "a value that is not the guest's",
  unknown: 'a value',
} as const;

const SIDES = { 'after-entry': ', after VM-exit', 'before-entry': ', before VM-entry', 'no-entry': '' } as const;

function definition(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const made = accessorsMadeAt(model, path, reference.start).filter(({ member }) => member === reference.register);
  if (made.length === 0) return [`: its number, ${String(register.member?.index ?? 'not known')}, for C and assembly`];
  return [': ', code(reference.via), ` makes ${made.map(({ name }) => name).join(', ')}`];
}

function accessorNotes(model: RegisterModel, reference: Reference): Statement[] {
  const accessor = accessorNamed(model, reference.via);
  if (!accessor) {
    const wrapper = reference.isIndirect ? wrapperNamed(model, reference.via) : null;
    return wrapper
      ? [statement([code(wrapper.name), ' is built on accessors'], [lineEvidence(model, wrapper.file, wrapper.offset)])]
      : [];
  }
  const masked = accessor.width === null ? ', masked by CPU mode' : '';
  const [outer] = accessor.instantiation?.macros ?? [];
  const made: Phrase[] = outer === undefined ? ['Written by hand'] : ['Generated by ', code(outer)];
  return [statement([...made, masked], [lineEvidence(model, accessor.file, accessor.offset)])];
}

/** For a register that is fetched when needed: what makes the cache forget it, and where. */
function setNotes(model: RegisterModel, { member, owners }: Register): Statement[] {
  if (!member || !owners.some((owner) => owner.sync === 'lazy')) return [];
  return setsForgetting(model, member.name).map((set) => {
    const mentions = mentionsOf(model, set);
    // What every VM-exit comes by tells more than what nested code does besides.
    const behindExit = mentions.filter(({ fn }) => isOnEntryPath(model, fn));
    const shown = behindExit.length > 0 ? behindExit : mentions;
    const uses = shown.map(({ span }) => lineEvidence(model, span.file, span.start));
    const defined = lineEvidence(model, set.file, set.offset);
    return statement(['Its avail bit is cleared by ', code(set.name)], [defined, ...uses]);
  });
}
