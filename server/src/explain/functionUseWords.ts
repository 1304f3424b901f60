import { fileOffset, type GraphNode } from '../model/callGraph.js';
import type { FunctionUse } from '../model/query/functionUse.js';
import { indexedFunctionNamed } from '../model/query/cSymbols.js';
import { chainsCalled, isOfTable } from '../model/query/operations.js';
import type { SetUse } from '../model/query/sets.js';
import { architecturalName } from '../model/query/registers.js';
import { groupBy } from '../model/groupBy.js';
import type { Reference } from '../facts/registers/reference.js';
import type { RegisterModel } from '../model/registerModel.js';
import { guardKey } from '../syntax/conditions/guard.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { conditionPhrases } from './conditionPhrases.js';
import { countText } from './counts.js';
import { fewLines, lineEvidence } from './evidence.js';
import { code, joinPhrases, statement, type Phrase, type Statement } from './explanation.js';

/** `reads CR4`, `writes CR3`, `marks CR3 dirty`, `clears the avail bits of VMX_REGS_LAZY_LOAD_SET`: what a function does with registers. */
export function useSummary(model: RegisterModel, use: FunctionUse): string[] {
  return [...accessParts(model, use.references), ...markParts(model, use.references), ...bitmapParts(use)];
}

/** Registers that a part has room for. */
const MOST_NAMES = 8;

function accessParts(model: RegisterModel, references: readonly Reference[]): string[] {
  return ACCESSES.flatMap(([verb, kinds]) => {
    const names = namesOf(
      model,
      references.filter((reference) => kinds.test(reference.kind) && !isOfEmulator(model, reference)),
    );
    const ofEmulator = namesOf(
      model,
      references.filter((reference) => kinds.test(reference.kind) && isOfEmulator(model, reference)),
    );
    return [
      ...(names === '' ? [] : [`${verb} ${names}`]),
      ...(ofEmulator === '' ? [] : [`${verb} ${ofEmulator} of the emulator's copy`]),
    ];
  });
}

/** Whether a reference is to the emulator's copy, itself or by a function that takes a number. */
export function isOfEmulator(model: RegisterModel, { storage, callee }: Reference): boolean {
  return (
    storage === 'emulator' || (callee !== undefined && indexedFunctionNamed(model, callee.name)?.storage === 'emulator')
  );
}

const ACCESSES: readonly (readonly [string, RegExp])[] = [
  ['reads', /^(?:read|readwrite)$/],
  ['writes', /^(?:write|readwrite)$/],
];

function markParts(model: RegisterModel, references: readonly Reference[]): string[] {
  return Object.entries(MARKS).flatMap(([kind, words]) => {
    const names = namesOf(
      model,
      references.filter((reference) => reference.kind === kind),
    );
    return names === '' ? [] : [words(names)];
  });
}

const MARKS: Readonly<Record<string, (names: string) => string>> = {
  'mark-available': (names) => `marks ${names} available`,
  'mark-dirty': (names) => `marks ${names} dirty`,
  'mark-reload': (names) => `marks ${names} for reload`,
};

function namesOf(model: RegisterModel, references: readonly Reference[]): string {
  const names = new Set(
    references.map(({ register, kind }) => (register === null ? anyOf(kind) : architecturalName(model, register))),
  );
  const all = [...names];
  return names.size <= MOST_NAMES
    ? registerNames(all)
    : `${String(names.size)} registers (${all[0] ?? ''} .. ${all.at(-1) ?? ''})`;
}

/** A register that only run time knows: of the slots that are read and written, or of all that have a bit. */
function anyOf(kind: Reference['kind']): string {
  return /^(?:mark|test)-/.test(kind) ? 'any register' : 'any GPR';
}

function bitmapParts({ bitmaps }: FunctionUse): string[] {
  if (!bitmaps) return [];
  const given = {
    members: 'clears the avail bits that it is given',
    others: 'clears all avail bits but those that it is given',
  };
  return [
    ...bitmaps.clears.map(clearedPart),
    ...(bitmaps.clearsGiven === null ? [] : [given[bitmaps.clearsGiven]]),
    ...(bitmaps.resetsDirty ? ['clears all dirty bits'] : []),
  ];
}

function clearedPart({ set, members, cleared }: SetUse): string {
  const what = set?.name ?? (members === null ? 'registers that are not known' : countText(members.length, 'register'));
  return cleared === 'members' ? `clears the avail bits of ${what}` : `clears all avail bits but those of ${what}`;
}

/** Which avail bits are cleared at a place, register by register. */
export function clearedText(model: RegisterModel, use: SetUse): string {
  const names = (use.members ?? []).map((member) => architecturalName(model, member)).join(' ');
  return `${clearedPart(use)}${names === '' ? '' : `: ${names}`}`;
}

/** The marks of a function with their conditions, the avail bits that it clears, and what the operations come to that it calls. */
export function useNotes(model: RegisterModel, node: GraphNode, use: FunctionUse): Statement[] {
  return [...markNotes(model, node, use.references), ...clearNotes(model, use), ...operationNotes(model, node, use)];
}

function markNotes(model: RegisterModel, { file }: GraphNode, references: readonly Reference[]): Statement[] {
  const marks = references.filter(({ kind }) => kind in MARKS);
  const groups = groupBy(marks, ({ kind, guards }) => [kind, ...guards.map(guardKey)].join(' '));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const words = first && MARKS[first.kind];
    if (!words) return [];
    const said = words(namesOf(model, group));
    return [
      statement(
        [said.charAt(0).toUpperCase() + said.slice(1), ...conditionPhrases(model, first.guards)],
        fewLines(group.map(({ start }) => lineEvidence(model, file, start))),
      ),
    ];
  });
}

function clearNotes(model: RegisterModel, { bitmaps }: FunctionUse): Statement[] {
  return (bitmaps?.clears ?? []).flatMap(({ span, members, cleared }) => {
    if (members === null) return [];
    const names = members.map((member) => architecturalName(model, member)).join(' ');
    const what =
      cleared === 'members' ? `Not available from here on: ${names}` : `Available from here on are only ${names}`;
    return [statement([what], [lineEvidence(model, span.file, span.start)])];
  });
}

function operationNotes(model: RegisterModel, node: GraphNode, { operations }: FunctionUse): Statement[] {
  return [...operations].flatMap(([operation, offset]) => {
    const chains = chainsCalled(model, node, [operation, offset]);
    if (chains.length === 0) return [];
    // Behind a callback that code chooses as it runs, not only its work is done.
    const isDirect = !isOfTable(model, node, [operation, offset]);
    const implementations: Phrase[] = joinPhrases(
      chains.flatMap((chain) => {
        const shown = isDirect ? chain[0] : chain.at(-1);
        return shown ? [code(shown.name)] : [];
      }),
    );
    return [
      statement(
        ['Calls ', code(operation), ': ', ...implementations],
        [lineEvidence(model, node.file, fileOffset(node, offset))],
      ),
    ];
  });
}
