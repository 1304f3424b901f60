import type { Sync } from '../backends/owner.js';
import type { IndexedKind } from '../facts/symbols/treeSymbols.js';
import type { CacheMember } from '../model/query/cacheMembers.js';
import { placeBesideMember } from '../model/query/copiedMembers.js';
import { functionAt, isOnEntryPath } from '../model/query/functions.js';
import { setUses } from '../model/query/sets.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import { macroNamed } from '../model/query/cSymbols.js';
import { integerOf } from '../syntax/preprocessor/integers.js';
import { offsetIn } from '../model/callGraph.js';
import { groupBy } from '../model/groupBy.js';
import { fewLines, lineEvidence } from './evidence.js';
import { conditionPhrases } from './conditionPhrases.js';
import { decidedPhrases } from './explainCondition.js';
import { guardsOfStatement } from '../model/query/statementGuards.js';
import { momentOf } from './explainPlace.js';
import { memberUsePhrases } from './memberUse.js';
import { ownerLines } from './ownerLines.js';
import {
  code,
  joinPhrases,
  statement,
  strong,
  type Explanation,
  type OwnerLine,
  type Phrase,
  type Statement,
} from './explanation.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { behindPhrase, wordsOf } from './words.js';
import { writerNotes } from './writerNotes.js';

/** What a member of the register cache, or of the emulator's context, holds, who fills it, and when it is valid. */
export function explainMember(model: RegisterModel, at: FileSpan, member: CacheMember): Explanation {
  const here = herePhrases(model, at, member);
  const said = (text: string, owners: readonly OwnerLine[] = [], notes: readonly Statement[] = []): Explanation => ({
    subject: { kind: 'member', name: member.name },
    answer: statement([strong(member.name), `: ${text}`, ...here]),
    owners,
    notes,
  });
  switch (member.role) {
    case 'register':
      return said(
        `KVM's copy of the guest's ${member.register.register}`,
        ownerLines(model, member.register, { first: null, isShort: true }),
      );
    case 'array':
      return said(
        "KVM's copy of the guest's GPRs, a slot for each, by its number in the register enum",
        arrayOwners(model),
      );
    case 'available':
      return said(
        'a bit for each register: set while the register cache has its value, clear while hardware has it (VMCS, VMCB) and a reader has to fetch it',
        [],
        [
          ...markedBy(model, 'mark-available', 'Set by '),
          ...markedBy(model, 'mark-reload', 'Cleared by '),
          ...clearedBy(model),
        ],
      );
    case 'dirty':
      return said(
        'a bit for each register: set when the register cache has a value that has to be written back before the next VM-entry',
        [],
        [...markedBy(model, 'mark-dirty', 'Set by '), ...writtenBack(model)],
      );
    case 'protected':
      return said(
        "set once the guest's registers are encrypted or kept by firmware (SEV-ES, TDX): from then on the register cache does not hold them",
        [],
        writerNotes(model, member.name),
      );
    case 'owned-bits':
      return said(
        `the bits of ${member.register} that the guest owns and changes without a VM-exit: the register cache gets them from hardware, all others are KVM's`,
        [],
        writerNotes(model, member.name),
      );
    case 'unlisted':
      return said(
        `KVM's copy of the guest's ${member.register}, which the register enum does not list`,
        [],
        writerNotes(model, member.name),
      );
    case 'debugger':
      return said(member.words, [], writerNotes(model, member.name));
    case 'emulator-array':
      return said(
        "the emulator's copy of the guest's GPRs: each is read from the register cache when first used, written back when the instruction is done",
      );
    case 'emulator-bitmap':
      return said(
        member.name.endsWith('dirty')
          ? "a bit for each GPR of the emulator's copy: set when its value has to be written back to the register cache"
          : "a bit for each GPR of the emulator's copy: set once it has been read from the register cache",
      );
    case 'emulator-flags':
      return said("RFLAGS in the emulator's copy, which the instruction that is emulated reads and changes");
    case 'emulator-ahead':
      return said(
        "set while the emulator's copy of the GPRs is newer than the register cache: who reads registers for userspace has it written back first",
        [],
        writerNotes(model, member.name),
      );
    case 'emulator-behind':
      return said(
        "set once the register cache is newer than the emulator's copy of the GPRs, which is then filled anew before the next instruction is emulated",
        [],
        writerNotes(model, member.name),
      );
    case 'emulator-slots':
      return said(`how many GPRs the emulator's copy has${slotsText(model, member.name)}`);
    case 'emulator-ip':
      return said(
        member.name === '_eip'
          ? "RIP in the emulator's copy: of the instruction behind the one that is emulated, while it is decoded and run"
          : "RIP in the emulator's copy, of the instruction that is emulated",
      );
  }
}

/** What is done with a member where it stands, under which conditions, and what a test of it decides there. */
function herePhrases(model: RegisterModel, at: FileSpan, { role, name }: CacheMember): Phrase[] {
  const text = sourceOf(model, at.file)?.text ?? '';
  if (role === 'dirty' && EMPTIED.test(text.slice(at.end, at.end + LONGEST_SIGN)))
    return ['; cleared here, none is dirty from here on'];
  const done = memberUsePhrases(text, at);
  if (done.length === 0) return [];
  if (role === 'protected') return [...done, ...decidedPhrases(model, at, [])];
  return [
    ...done,
    momentOfCopy(model, at, name),
    ...conditionPhrases(model, guardsOfStatement(model, at.file, at.start)),
  ];
}

/** When the statement is done by which a member and a place beside the cache are copied to each other, `, after VM-exit`; of any in a function on the way to VM-entry. */
function momentOfCopy(model: RegisterModel, { file, start }: FileSpan, name: string): string {
  const use = placeBesideMember(model, file, start, name);
  if (use) return momentOf(model, use);
  const fn = functionAt(model, file, start);
  if (!fn || !isOnEntryPath(model, fn)) return '';
  return behindPhrase(model.phases.at(fn, offsetIn(fn, start)));
}

/** A bitmap that is given no bit at all. */
const EMPTIED = /^\s*=\s*0\s*;/;

/** Characters of such a value with its sign. */
const LONGEST_SIGN = 20;

function slotsText(model: RegisterModel, name: string): string {
  const value = integerOf(
    name,
    (macro) => macroNamed(model, macro)?.definition,
    () => null,
  );
  return value === null ? '' : `: ${String(value)}${value < 32 ? ', none for R16-R31' : ''}`;
}

/** A line for each backend: which registers of the array are kept how. */
function arrayOwners(model: RegisterModel): OwnerLine[] {
  const gprs = model.registers.filter(({ class: kind, member }) => kind === 'gpr' && member !== null);
  return model.backends.map(({ name }): OwnerLine => {
    const bySync = groupBy(gprs, (register) => syncOf(register, name));
    const kept = [...bySync].map(
      ([sync, registers]) => `${sync}: ${registerNames(registers.map(({ register }) => register))}`,
    );
    return { backend: name, title: wordsOf(model).backend(name), when: null, kept: [kept.join('; ')], steps: [] };
  });
}

function syncOf({ owners }: Register, backend: string): string {
  const sync = owners.find((owner) => owner.backend === backend)?.sync ?? 'unknown';
  return SYNC_WORDS.get(sync) ?? sync;
}

const SYNC_WORDS: ReadonlyMap<Sync, string> = new Map([
  ['none', 'not tracked'],
  ['unknown', 'not known'],
]);

function markedBy({ symbols }: RegisterModel, kind: IndexedKind, lead: string): Statement[] {
  const functions = [...symbols.indexed.values()].filter((fn) => fn.kind === kind && fn.storage !== 'emulator');
  return functions.length === 0 ? [] : [statement([lead, ...joinPhrases(functions.map(({ name }) => code(name)))])];
}

function clearedBy(model: RegisterModel): Statement[] {
  return setUses(model).map(({ fn, span, set, cleared }) =>
    statement(
      ['Cleared by ', code(fn.name), ...(set ? [cleared === 'others' ? ', all but ' : ', ', code(set.name)] : [])],
      [lineEvidence(model, span.file, span.start)],
    ),
  );
}

/** The registers that are written back if their bit is set, function by function. */
function writtenBack(model: RegisterModel): Statement[] {
  const stores = model.registers.flatMap((register) =>
    register.owners.flatMap(({ store }) =>
      store.flatMap((transfer) => (transfer.isIfDirty ? [{ register, transfer }] : [])),
    ),
  );
  return [...groupBy(stores, ({ transfer }) => transfer.function)].map(([name, group]) => {
    const registers = [...new Set(group.map(({ register }) => register.register))].join(', ');
    return statement([`${registers} written back by `, code(name)], fewLines(group.map(({ transfer }) => transfer)));
  });
}
