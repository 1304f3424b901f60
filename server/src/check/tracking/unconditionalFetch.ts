import type { Transfer } from '../../backends/transfer.js';
import type { CallFact } from '../../facts/source/calls.js';
import { cacheCallbacks, tellingFunctions, wordIn, type CFunction } from '../../model/query/functions.js';
import { memberNamed } from '../../model/query/registers.js';
import { indexedFunctionNamed } from '../../model/query/cSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Finding, type Rule } from '../finding.js';
import { isKnownAvailable, isOpaque, testsOf } from './bitmapChecks.js';
import { subjectOf } from './cacheUses.js';
import { isWrittenIfDirty, writeBackPlace, writeBackPlaces } from './dirtyMarks.js';
import { isFetch } from './fills.js';
import { isInArray, registersKept, type KeptRegister } from './keptRegisters.js';

const ID = 'tracking/unconditional-fetch';

/** A register that is fetched from hardware although the cache may have a newer value. */
export const unconditionalFetch: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title:
    'A register that is written back if dirty, or if available, is fetched without a test that it is not available.',
  why: "The cache callback copies hardware's value over the cache's. What KVM has written there since VM-exit, and marked for the next VM-entry, would be lost: fetch only under `!kvm_register_is_available()`.",
  exemptions: [
    'The cache callback itself, and a wrapper that hands the call on to it.',
    "A register that no backend writes back if dirty or if available: hardware's value is never older than the cache's.",
    'A fetch under a test of the wrong sense: the rule on that says so.',
    'A fetch in a function that tests the avail bits by way of a local variable.',
    'A fetch behind a mark that says the register is to be fetched anew.',
  ],
  find: (model) => {
    const lazy = registersKept(model, (owner) => owner.sync === 'lazy');
    const written = lazy.filter((kept) => isWrittenIfDirty(kept.owner) || storesIfAvailable(model, kept).length > 0);
    return tellingFunctions(model)
      .filter((fn) => !cacheCallbacks(model).includes(fn))
      .flatMap((fn) => fn.c.callFacts.flatMap((call) => fetchFinding(model, { fn, call }, written)));
  },
};

interface Fetch {
  readonly fn: CFunction;
  readonly call: CallFact;
}

/** The finding of a call that fetches a register over what may be a newer value of its own; none of any other call. */
function fetchFinding(model: RegisterModel, fetch: Fetch, written: readonly KeptRegister[]): Finding[] {
  const { fn, call } = fetch;
  if (!isFetch(model, fn, call)) return [];
  const overwritten = call.arguments.slice(1).flatMap((argument) => {
    const subject = subjectOf(model, argument);
    return isFetchIntended(model, fetch, subject) ? [] : (registerMeant(model, subject, written) ?? []);
  });
  return overwritten.slice(0, 1).map((kept) => {
    const [places, value] = isWrittenIfDirty(kept.owner)
      ? [writeBackPlaces(model, kept.owner), 'that is dirty']
      : [storesIfAvailable(model, kept).slice(0, 1).map(writeBackPlace(model, 'available')), 'not written back yet'];
    const message = `${kept.register} is fetched without a test that it is not available: a value ${value} would be overwritten`;
    return finding(ID, wordIn(model, fn, call.offset), message, places);
  });
}

/** The ways of a register to its place that are taken only if the register is available. */
function storesIfAvailable(model: RegisterModel, { member, owner }: KeptRegister): readonly Transfer[] {
  return owner.store.filter(({ phase, guards }) => phase === 'vm-entry' && isKnownAvailable(model, guards, member));
}

/** Whether a register is fetched under a test of its avail bit, or behind a mark that it is to be fetched anew. */
function isFetchIntended(model: RegisterModel, { fn, call }: Fetch, subject: string): boolean {
  if (isOpaque(fn, 'available') || testsOf(model, call.guards, subject).some((test) => test.bit === 'available'))
    return true;
  return fn.c.callFacts.some((other) => {
    const marker = indexedFunctionNamed(model, other.callee);
    const number = marker?.kind === 'mark-reload' ? other.arguments[marker.parameter] : undefined;
    return number !== undefined && other.offset < call.offset && subjectOf(model, number) === subject;
  });
}

/** The first of some registers that a number means, or may mean at run time. */
function registerMeant(
  model: RegisterModel,
  subject: string,
  registers: readonly KeptRegister[],
): KeptRegister | undefined {
  const isMember = memberNamed(model, subject) !== null;
  return registers.find(({ member }) => (isMember ? member === subject : isInArray(model, member)));
}
