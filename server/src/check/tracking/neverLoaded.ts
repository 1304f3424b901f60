import type { Transfer } from '../../backends/transfer.js';
import type { GraphNode } from '../../model/callGraph.js';
import {
  cacheCallbacksOf,
  hasCacheCallback,
  isSaveArea,
  vendorOfFile,
  wholeBackends,
} from '../../model/query/backends.js';
import {
  cacheCallbacks,
  callersOf,
  tellingFunctions,
  functionNamed,
  functionText,
  isInC,
  type CFunction,
} from '../../model/query/functions.js';
import { referencesIn, referencesOfFunction } from '../../model/query/references.js';
import { architecturalName, memberNamed, registerOf } from '../../model/query/registers.js';
import { setSpan, setUses, type SetUse } from '../../model/query/sets.js';
import { indexedFunctionNamed, macroNamed } from '../../model/query/cSymbols.js';
import type { FileSpan } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { labelsChosen, type Guard } from '../../syntax/conditions/guard.js';
import { finding, relatedPlace, type Finding, type Rule } from '../finding.js';
import { functionsTestingAvailability, isOpaque } from './bitmapChecks.js';
import { subjectGiven, subjectOf } from './cacheUses.js';
import { isInArray } from './keptRegisters.js';
import { isInverted, isOfBackend } from './laziness.js';

const ID = 'tracking/never-loaded';

/** A register that is made unavailable and never becomes available again. */
export const neverLoaded: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register in a lazy set is loaded by nothing, or no code asks whether it is available.',
  why: "Clearing a register's avail bit after VM-exit says that its value is to be fetched when it is needed. Without a case in the cache callback, or code of its own that fetches it, readers get the value of an earlier exit.",
  exemptions: [
    'Registers that load themselves, outside of the cache callback: code that tests the avail bit, marks the register and reads hardware (RFLAGS, SEGMENTS, exit information).',
    'A backend of which the tree shows no callback, or no code that runs a guest: what is missing may be elsewhere.',
    'A tree in which code of the backend tests avail bits by way of a local variable: which, is not told.',
    'A register for which the callback calls a function that the tree does not show, or that is given a value from a place that is not understood.',
    'Sets that name what stays available: the others are never fetched by design (TDX).',
  ],
  find: (model) => {
    const seen = new Set<string>();
    return setUses(model).flatMap((use) => {
      const backend = vendorOfFile(model, use.fn.file) ?? '';
      if (!wholeBackends(model).has(backend) || isInverted(model, use)) return [];
      const wrong = use.cleared === 'members' ? clearedForGood(model, use, backend) : notKept(model, use, backend);
      return wrong.filter((found) => {
        const key = `${found.file} ${String(found.span.start)} ${found.message}`;
        return !seen.has(key) && seen.add(key);
      });
    });
  },
};

/** Registers that a set clears and that nothing brings back. */
function clearedForGood(model: RegisterModel, use: SetUse, backend: string): Finding[] {
  if (!hasCacheCallback(model, backend)) return [];
  return (use.members ?? []).flatMap((member) => {
    const lack = lackOf(model, member, backend);
    if (lack === null) return [];
    return [
      useFinding(
        use,
        memberSpan(model, use, member),
        `${architecturalName(model, member)} is in ${nameOf(use)}, ${lack}`,
      ),
    ];
  });
}

/** Registers that a set does not keep although the backend copies them at VM-exit. */
function notKept(model: RegisterModel, use: SetUse, backend: string): Finding[] {
  return model.registers.flatMap(({ member, register, owners }) => {
    const owner = owners.find((o) => o.backend === backend);
    if (!member || !owner || !use.members || use.members.includes(member.name)) return [];
    const isCopied = owner.load.some((t) => t.phase === 'vm-exit') && owner.load.every((t) => t.phase !== 'on-demand');
    if (!isCopied) return [];
    return [
      useFinding(
        use,
        maskSpan(use),
        `${register} is not in ${nameOf(use)}, although it is copied to the cache at VM-exit`,
      ),
    ];
  });
}

function nameOf({ set }: SetUse): string {
  return set?.name ?? 'the mask';
}

/** What a lazy register of a backend is without, or null. */
function lackOf(model: RegisterModel, member: string, backend: string): string | null {
  if (tellingFunctions(model).some((fn) => isOpaque(fn, 'available') && isOfBackend(model, fn, backend))) return null;
  if (functionsTesting(model, member).length === 0) return 'but no code tests whether it is available';
  if (isLoadUnknown(model, member, backend) || !isLoading(model, backend)) return null;
  return isLoaded(model, member, backend) || isLoadedElsewhere(model, member, backend) || isGivenValue(model, member)
    ? null
    : 'but nothing loads it on demand: the cache keeps the value of an earlier exit';
}

/** Whether the tree shows that a backend loads any register from its save area at all: else how it does so is not understood. */
function isLoading(model: RegisterModel, backend: string): boolean {
  const owners = model.registers.flatMap((register) => register.owners.filter((owner) => owner.backend === backend));
  return owners.some(({ load }) => load.some(({ from }) => isSaveArea(model, from?.kind)));
}

/** Whether it is not known what brings a register of a backend's into the cache. */
function isLoadUnknown(model: RegisterModel, member: string, backend: string): boolean {
  const owners = registerOf(model, member)?.owners ?? [];
  return owners.some((owner) => owner.backend === backend && owner.unknown.load.length > 0);
}

function isLoaded(model: RegisterModel, member: string, backend: string): boolean {
  const owners = registerOf(model, member)?.owners ?? [];
  const loads = owners.filter((owner) => owner.backend === backend).flatMap((owner) => owner.load);
  return (
    loads.some((load) => load.phase === 'on-demand' && isInOwnCase(model, load, member)) || isSelfLoaded(model, member)
  );
}

/** Whether a callback calls, for the register, a function that the tree does not show: `load_pdptrs()` without x86.c. */
function isLoadedElsewhere(model: RegisterModel, member: string, backend: string): boolean {
  return cacheCallbacksOf(model, backend)
    .flatMap((node) => (node.c?.callFacts ?? []).map((call) => ({ call, file: node.file })))
    .some(
      ({ call, file }) =>
        /[a-z]/.test(call.callee) &&
        !macroNamed(model, call.callee) &&
        !functionNamed(model, call.callee, file) &&
        casesOf(model, call.guards).includes(member),
    );
}

/** Whether a register gets a value where it is not available, of which it is not understood whether it is hardware's. */
function isGivenValue(model: RegisterModel, member: string): boolean {
  return tellingFunctions(model).some(({ c }) => c.opaqueFetches.some(({ register }) => register === member));
}

/** Whether a load is where its function decides for the register: not behind the label of another one, nor before any. */
function isInOwnCase(model: RegisterModel, load: Transfer, member: string): boolean {
  const cases = casesOf(model, load.guards);
  if (cases.length > 0) return cases.includes(member);
  const node = functionNamed(model, load.function, load.file);
  return !node || !isSwitching(model, node);
}

/** The registers that guards choose by number. */
function casesOf(model: RegisterModel, guards: readonly Guard[]): string[] {
  return labelsChosen(guards)
    .map((label) => subjectOf(model, label ?? ''))
    .filter((subject) => memberNamed(model, subject) !== null);
}

/** Whether a load is in a callback, or called by one, that chooses by the number that it is given. */
function isSwitching(model: RegisterModel, node: GraphNode): boolean {
  const isNamed = (fn: GraphNode) => fn === node || (fn.c?.words.has(node.name) ?? false);
  // One that is called through a table of functions is chosen by its place there.
  const callers = callersOf(model, node).map(({ caller }) => caller);
  const callbacks = [node, ...callers].filter((fn) => cacheCallbacks(model).includes(fn) && isNamed(fn));
  return callbacks.filter(isInC).some((callback) => {
    const text = functionText(model, callback);
    return callback.c.parameters.some(({ name }) => text.includes(`switch (${name})`));
  });
}

/** Whether some code tests a register's avail bit, marks it and reads hardware. */
export function isSelfLoaded(model: RegisterModel, member: string): boolean {
  return functionsTesting(model, member).some(
    (fn) =>
      fn.c.moves.some(({ from }) => isSaveArea(model, from?.kind)) &&
      referencesOfFunction(model, fn).some(({ register, kind }) => register === member && kind === 'mark-available'),
  );
}

/** The functions that test a register's avail bit, by its name or by a number that may be its own. */
function functionsTesting(model: RegisterModel, member: string): CFunction[] {
  const isMeant = (subject: string) => (memberNamed(model, subject) ? subject === member : isInArray(model, member));
  return [...functionsTestingAvailability(model)].flatMap(([fn, subjects]) => {
    // A function that is the test itself asks nothing.
    if (indexedFunctionNamed(model, fn.name)?.kind === 'test-available') return [];
    return subjects.some((subject) => isMeant(subject) || givenFor(model, fn, subject).includes(member)) ? [fn] : [];
  });
}

/** What a function's callers give for a number that is one of its parameters. */
function givenFor(model: RegisterModel, fn: CFunction, subject: string): string[] {
  return callersOf(model, fn).flatMap(({ caller }) => {
    const calls = caller.c?.callFacts.filter(({ callee }) => callee === fn.name) ?? [];
    return calls.map((call) => subjectGiven(model, fn, subject, call));
  });
}

function useFinding({ fn, span }: SetUse, at: FileSpan, message: string): Finding {
  return finding(ID, at, message, [relatedPlace(span, `where ${fn.name} clears avail bits`)]);
}

/** Where a set, or a mask that is written out, names a member; else the set's own name. */
function memberSpan(model: RegisterModel, use: SetUse, member: string): FileSpan {
  const { file, start } = maskSpan(use);
  const named = referencesIn(model, file).find(
    (reference) => reference.start >= start && reference.register === member && reference.kind === 'mask',
  );
  return named ? { ...named, file } : maskSpan(use);
}

/** Where a set is defined; a mask that is written out, where it is used. */
function maskSpan({ set, span }: SetUse): FileSpan {
  return set ? setSpan(set) : span;
}
