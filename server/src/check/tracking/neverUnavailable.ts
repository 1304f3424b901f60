import { bitmapNamed } from '../../facts/registers/registerBits.js';
import type { CallFact } from '../../facts/source/calls.js';
import { offsetIn } from '../../model/callGraph.js';
import { vendorOfFile, wholeBackends } from '../../model/query/backends.js';
import {
  callersOf,
  tellingFunctions,
  isAfterExit,
  isOnEntryPath,
  spanIn,
  wordIn,
  type CFunction,
} from '../../model/query/functions.js';
import { loadingSyncOf, memberNamed } from '../../model/query/registers.js';
import { mentionsOf, registerSets, setSpan, setUses, type LocatedSet } from '../../model/query/sets.js';
import { indexedFunctionNamed } from '../../model/query/cSymbols.js';
import type { FileSpan } from '../../model/query/text.js';
import { transferSpan } from '../../model/query/transfers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type Rule } from '../finding.js';
import { isOpaque } from './bitmapChecks.js';
import { subjectOf } from './cacheUses.js';
import { registersKept, type KeptRegister } from './keptRegisters.js';
import { isInverted, isOfBackend } from './laziness.js';

const ID = 'tracking/never-unavailable';

/** A lazily loaded register whose avail bit stays set after VM-exit. */
export const neverUnavailable: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register that is loaded on demand is not made unavailable after VM-exit.',
  why: 'A register is fetched only if its avail bit is clear. If nothing clears the bit after VM-exit, readers get the value of an earlier exit.',
  exemptions: [
    'Bits that are cleared by a mask or by number, in the function that runs the guest or in one that it calls.',
    'A tree in which nothing is seen to clear avail bits after VM-exit: how it does so is not told, so nothing is said.',
    'A tree in which avail bits are cleared by way of a local variable, or by numbers that only run time knows, after VM-exit: which, is not told.',
    'A set that is cleared the wrong way round: the rule on that says so.',
  ],
  find: (model) => {
    const clears = clearsAfterExit(model);
    if (clears.length === 0) return [];
    const unused = unusedSets(model, clears);
    const isCleared = ({ member, owner }: KeptRegister) =>
      unused.some((set) => set.members.includes(member)) ||
      clears.some(({ fn, clears: some }) => isOfBackend(model, fn, owner.backend) && some(member));
    const lazy = registersKept(model, (o) => o.sync === 'lazy' && wholeBackends(model).has(o.backend));
    return [
      ...unused.map(setFinding),
      ...lazy.filter((kept) => !isCleared(kept)).flatMap((kept) => registerFinding(model, kept, clears)),
    ];
  },
};

/** A place on the way from VM-exit that makes registers unavailable. */
interface Clear {
  readonly fn: CFunction;
  readonly span: FileSpan;
  readonly clears: (member: string) => boolean;
}

function clearsAfterExit(model: RegisterModel): Clear[] {
  const byMask = setUses(model).map((use): Clear => ({
    fn: use.fn,
    span: use.span,
    clears: (member) =>
      !use.members || isInverted(model, use) || use.members.includes(member) === (use.cleared === 'members'),
  }));
  const byNumber = tellingFunctions(model).flatMap((fn) =>
    fn.c.callFacts.flatMap((call): Clear[] => {
      const number = clearedNumber(model, call);
      if (number === null) return [];
      const subject = subjectOf(model, number);
      const span = spanIn(fn, { start: call.offset, end: call.offset + call.callee.length });
      // Which register's bit a variable is the number of, is not told, but by callers of a function that takes it.
      const isAny = memberNamed(model, subject) === null && !indexedFunctionNamed(model, fn.name);
      return [{ fn, span, clears: (member) => isAny || member === subject }];
    }),
  );
  const opaque = tellingFunctions(model).flatMap((fn) =>
    fn.c.opaqueBitmaps
      .filter(({ bitmap }) => bitmap === 'available')
      .map(({ offset }): Clear => ({ fn, span: wordIn(model, fn, offset), clears: () => true })),
  );
  const whole = tellingFunctions(model).flatMap((fn) =>
    fn.c.bitmapChanges
      .filter(({ bitmap, operator, mask }) => bitmap === 'available' && operator !== '|=' && /^0[uUlL]*$/.test(mask))
      .map(({ offset }): Clear => ({ fn, span: wordIn(model, fn, offset), clears: () => true })),
  );
  return [...byMask, ...byNumber, ...opaque, ...whole].filter(({ fn, span }) =>
    runsAfterExit(model, fn, offsetIn(fn, span.start)),
  );
}

/** The register's number, as written, whose avail bit a call clears; null for any other call. */
function clearedNumber(model: RegisterModel, { callee, arguments: given }: CallFact): string | null {
  const marker = indexedFunctionNamed(model, callee);
  if (marker) return marker.kind === 'mark-reload' ? (given[marker.parameter] ?? '') : null;
  const [number = '', bitmap = ''] = given;
  return callee.endsWith('clear_bit') && bitmapNamed(bitmap) === 'available' ? number : null;
}

/** Whether the code at an offset of a function runs after VM-exit: on the way back itself, or called from there. */
function runsAfterExit(model: RegisterModel, fn: CFunction, offset: number): boolean {
  const calls = callersOf(model, fn);
  return isAfterExit(model, fn, offset) || calls.some((call) => isAfterExit(model, call.caller, call.offset));
}

/** Whether a function is on the way to VM-entry and back, or called by one that is. */
function isRunning(model: RegisterModel, fn: CFunction): boolean {
  return isOnEntryPath(model, fn) || callersOf(model, fn).some(({ caller }) => isOnEntryPath(model, caller));
}

/** Sets that name mostly lazy registers, none of which is made unavailable, and that nothing on the way from VM-exit so much as mentions. */
function unusedSets(model: RegisterModel, clears: readonly Clear[]): LocatedSet[] {
  const whole = model.backends.map(({ name }) => name).filter((backend) => wholeBackends(model).has(backend));
  const isLazy = (member: string) => whole.some((backend) => loadingSyncOf(model, member, backend) === 'lazy');
  return registerSets(model).filter((set) => {
    const backend = vendorOfFile(model, set.file);
    return (
      backend !== null &&
      whole.includes(backend) &&
      !setUses(model).some(({ fn, members }) => members === null && vendorOfFile(model, fn.file) === backend) &&
      !clears.some(({ fn }) => isOpaque(fn, 'available') && isOfBackend(model, fn, backend)) &&
      set.members.filter(isLazy).length * 2 > set.members.length &&
      !set.members.some((member) => clears.some((own) => isOfBackend(model, own.fn, backend) && own.clears(member))) &&
      !mentionsOf(model, set).some(({ fn }) => isRunning(model, fn))
    );
  });
}

function setFinding(set: LocatedSet): Finding {
  const message = `${set.name} names registers that are loaded on demand, but nothing makes them unavailable after VM-exit`;
  return finding(ID, setSpan(set), message);
}

function registerFinding(
  model: RegisterModel,
  { member, register, owner: { backend, load } }: KeptRegister,
  clears: readonly Clear[],
): Finding[] {
  const loaded = load.find((t) => t.phase === 'on-demand') ?? load[0];
  if (!loaded) return [];
  const clear = clears.find(({ fn }) => vendorOfFile(model, fn.file) === backend);
  const related = clear ? [relatedPlace(clear.span, 'where other registers are made unavailable')] : [];
  const message = `${register} is loaded on demand, but nothing makes it unavailable after VM-exit (${backend.toUpperCase()})`;
  return [finding(ID, transferSpan(model, member, loaded), message, related)];
}
