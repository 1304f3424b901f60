import type { FileFacts } from '../../facts/fileFacts.js';
import type { ComponentFacts } from '../../facts/xsave/componentFacts.js';
import { hasPart, type MaskExpression } from '../../facts/xsave/maskExpression.js';
import { hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import { groupBy } from '../groupBy.js';
import { afterStep, changed, evaluate, type Evaluated, type MaskChange, type MaskScope } from './maskEvaluation.js';
import { maskFunctions } from './maskFunctions.js';
import { both, EVERY, NOT_KNOWN, oneOf, possible, type MaskValue } from './maskValue.js';
import { frameOf, initialWrites, vcpuWrites, writesIn, type LocatedWrite } from './maskWriters.js';
import type { VendorModules } from './vendorModules.js';
import type { GuestMask } from './xsaveModel.js';

/** What KVM lets guests enable, in XCR0 and in IA32_XSS: the host's value under a mask, and what is added and taken out. */
export function guestMasks(
  files: readonly FileFacts[],
  facts: ComponentFacts,
  { vendors, vendorOf, areOfOthers }: VendorModules,
): GuestMask[] {
  const scope: MaskScope = { facts, functions: maskFunctions(files), isLeftOut: () => false };
  const inFunctions = files.flatMap((file) => writesIn(file, files, scope));
  return (['XCR0', 'XSS'] as const).flatMap((register) => {
    const written = inFunctions.filter((write) => write.register === register);
    const isAssigned = written.some(({ operator, isLocal }) => operator === '=' && !isLocal);
    const all = isAssigned ? written : [...initialWrites(facts, register), ...written];
    const shared = all.filter(({ isLocal }) => !isLocal);
    // A function's own mask counts where there is no variable of KVM's for it.
    const writes = shared.length > 0 ? shared : all;
    if (writes.length === 0) return [];
    const ofVcpu = vcpuWrites(files, register);
    const byVendor = vendors.map((vendor) => {
      const isApplied = ({ site }: LocatedWrite) => (vendorOf(site.file) ?? vendor) === vendor;
      const applied = writes.filter(isApplied);
      const own = { ...scope, isLeftOut: (guards: readonly Guard[]) => areOfOthers(vendor, guards) };
      const after = narrowed(own, maskAfter(own, applied), ofVcpu.filter(isApplied));
      return { vendor, base: baseOf(applied), ...after };
    });
    return [guestMask(scope, { register, writes, ofVcpu }, byVendor)];
  });
}

/** All that is written to a mask, and to what of it one guest has. */
interface AllWrites extends Pick<GuestMask, 'register'> {
  readonly writes: readonly LocatedWrite[];
  readonly ofVcpu: readonly LocatedWrite[];
}

function guestMask(
  scope: MaskScope,
  { register, writes, ofVcpu }: AllWrites,
  byVendor: readonly (Evaluated & { readonly vendor: string; readonly base: LocatedWrite | undefined })[],
): GuestMask {
  const set = baseOf(writes);
  const masks: readonly Evaluated[] =
    byVendor.length > 0 ? byVendor : [narrowed(scope, maskAfter(scope, writes), ofVcpu)];
  const value = masks.map((mask) => mask.value).reduce(oneOf);
  const base = afterBase(scope, set).value;
  const bases = byVendor.flatMap((own) => (own.base === set ? [] : baseChanges(scope, base, own.base)));
  const changes = distinctChanges([...bases, ...masks.flatMap((mask) => mask.changes)]);
  const macro = set ? macroIn(scope.facts, set.value) : null;
  return {
    register,
    variable: set?.variable ?? null,
    value,
    byVendor: byVendor.map(({ vendor, value: own }) => ({ vendor, value: own })),
    bits: base.unknown === 0n ? base.always : null,
    set: set?.site ?? null,
    changes,
    macro,
  };
}

/** What a module's own base has that another has not, and the other way round. */
function baseChanges(scope: MaskScope, base: MaskValue, own: LocatedWrite | undefined): MaskChange[] {
  const value = afterBase(scope, own).value;
  if (!own || base.unknown !== 0n || value.unknown !== 0n) return [];
  const [added, cleared] = [possible(value) & ~possible(base), possible(base) & ~possible(value)];
  return changed(frameOf(own), { ...own, guards: [] }, added, cleared).map((change) => ({ ...change, ...own.site }));
}

/** The changes of several modules, each once, in the order of the first that has them. */
function distinctChanges(changes: readonly MaskChange[]): MaskChange[] {
  const keyOf = ({ file, offset, added, cleared }: MaskChange) =>
    `${file} ${String(offset)} ${String(added)} ${String(cleared)}`;
  return [...new Map(changes.map((change) => [keyOf(change), change])).values()];
}

/** The write that a mask begins with: of what the host has enabled, else the first that is not a zero; where none assigns, what is added to a zero. */
function baseOf(writes: readonly LocatedWrite[]): LocatedWrite | undefined {
  const assigned = writes.filter(({ operator }) => operator === '=');
  return (
    assigned.find(({ value }) => holdsHost(value)) ??
    assigned.find(({ value }) => !isZero(value)) ??
    assigned[0] ??
    writes.find(({ operator }) => operator === '|=') ??
    writes[0]
  );
}

/** A mask after the write that it begins with; one that only takes out leaves the rest not known. */
function afterBase(scope: MaskScope, base: LocatedWrite | undefined): Evaluated {
  const unknown: Evaluated = { value: NOT_KNOWN, changes: [] };
  if (!base) return unknown;
  return base.operator === '&='
    ? afterStep(scope, frameOf(base), unknown, base)
    : evaluate(scope, frameOf(base), base.value);
}

function isZero(value: MaskExpression): boolean {
  return value.kind === 'constant' && /^0(?:u?ll?)?$/i.test(value.text);
}

function holdsHost(value: MaskExpression): boolean {
  return hasPart(value, ({ kind }) => kind === 'host');
}

/** A mask after all writes. Its base counts whatever it is under: without that, KVM lets guests enable nothing at all. */
function maskAfter(scope: MaskScope, writes: readonly LocatedWrite[]): Evaluated {
  const base = baseOf(writes);
  if (!base) return { value: NOT_KNOWN, changes: [] };
  const first = afterBase(scope, base);
  return inOrder(writes, base).reduce<Evaluated>((before, located) => {
    const write = isOfFunction(located, base) ? withoutGuards(located, base.guards) : located;
    const after = afterStep(scope, frameOf(write), before, write);
    const [known, fresh] = [after.changes.filter(isOf(before)), after.changes.filter((one) => !isOf(before)(one))];
    const own = [...fresh, ...alwaysChanged(write, before, after)];
    // What a helper does is done where it is called.
    return {
      value: after.value,
      changes: [...known, ...(write.given.length > 0 ? own.map((change) => ({ ...change, ...write.site })) : own)],
    };
  }, first);
}

/**
 * What of a mask one guest may have: what the code takes out by name. What userspace leaves out of its CPUID is its to say, and so
 * is a guest without the leaf that has nothing at all.
 */
function narrowed(scope: MaskScope, mask: Evaluated, ofVcpu: readonly LocatedWrite[]): Evaluated {
  if (ofVcpu.some(({ operator }) => operator !== '=' && operator !== '&=')) return mask;
  return ofVcpu.reduce<Evaluated>((before, write) => {
    if (scope.isLeftOut(write.guards)) return before;
    const { value, changes } = evaluate(scope, frameOf(write), write.value);
    const left: MaskValue = { always: value.always | value.unknown, sometimes: value.sometimes, unknown: 0n };
    const cleared = EVERY & ~possible(left);
    if (cleared === EVERY || (cleared | left.sometimes) === 0n) return before;
    const after = both(before.value, left);
    const own = changed(frameOf(write), write, 0n, cleared & possible(before.value)).map((change) => ({
      ...change,
      variable: write.variable,
    }));
    return {
      value: write.guards.length === 0 ? after : oneOf(before.value, after),
      changes: [...before.changes, ...changes, ...own],
    };
  }, mask);
}

function withoutGuards(write: LocatedWrite, guards: readonly Guard[]): LocatedWrite {
  return { ...write, guards: write.guards.filter((guard) => !hasGuard(guards, guard)) };
}

function isOfFunction({ fn }: LocatedWrite, other: LocatedWrite): boolean {
  return fn.source === other.fn.source && fn.name === other.fn.name;
}

function isOf({ changes }: Evaluated): (change: MaskChange) => boolean {
  return (change) => changes.includes(change);
}

/** What a write changes that is under no condition: told as one in the function that does it. */
function alwaysChanged(write: LocatedWrite, before: Evaluated, after: Evaluated): MaskChange[] {
  if (write.guards.length > 0) return [];
  const [old, fresh] = [possible(before.value), possible(after.value)];
  return changed(frameOf(write), write, fresh & ~old & ~after.value.unknown, old & ~fresh);
}

/**
 * The writes after the base, in the order in which they are taken to run: those of its function that follow it, then those of
 * other functions, of which what adds comes first: one that takes out is a vendor's, when common code is done.
 */
function inOrder(writes: readonly LocatedWrite[], base: LocatedWrite): LocatedWrite[] {
  const isHere = (write: LocatedWrite) => isOfFunction(write, base);
  const here = writes.filter((write) => isHere(write) && write.offset > base.offset);
  const groups = [
    ...groupBy(
      writes.filter((write) => !isHere(write)),
      ({ fn }) => `${fn.source.path} ${fn.name}`,
    ).values(),
  ];
  const adds = (group: readonly LocatedWrite[]) => group.every(({ operator }) => operator === '|=');
  return [...here, ...groups.filter(adds).flat(), ...groups.filter((group) => !adds(group)).flat()];
}

/** The macro that names the components of a mask: one of what it is the conjunction of. */
function macroIn(facts: Pick<ComponentFacts, 'masks'>, value: MaskExpression): GuestMask['macro'] {
  switch (value.kind) {
    case 'constant': {
      const known = facts.masks.get(/^\(*(\w+)\)*$/.exec(value.text)?.[1] ?? '');
      if (!known) return null;
      const { name, file, line, column, offset } = known;
      return { name, file, line, column, offset };
    }
    case 'steps': {
      const [first] = value.steps;
      return first ? macroIn(facts, first.value) : null;
    }
    case 'and':
      return value.parts.map((part) => macroIn(facts, part)).find((macro) => macro !== null) ?? null;
    default:
      return null;
  }
}
