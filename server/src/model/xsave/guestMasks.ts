import type { FileFacts } from '../../facts/fileFacts.js';
import { changesBit } from '../../facts/xsave/bitChanges.js';
import { siteAt, type ComponentFacts, type Site } from '../../facts/xsave/componentFacts.js';
import type { MaskExpression, MaskRegister } from '../../facts/xsave/maskExpression.js';
import { guestMaskRegister, type MaskWrite } from '../../facts/xsave/maskWrites.js';
import { groupBy } from '../groupBy.js';
import {
  frameOfCall,
  maskFunction,
  maskFunctions,
  stepsOn,
  afterStep,
  changed,
  evaluate,
  type Evaluated,
  type MaskArgument,
  type MaskChange,
  type MaskFrame,
  type MaskFunction,
  type MaskScope,
} from './maskEvaluation.js';
import { NOT_KNOWN, oneOf, possible, type MaskValue } from './maskValue.js';
import type { GuestMask } from './xsaveModel.js';

/** A write to one of KVM's masks, with the function that it is in. */
interface LocatedWrite extends MaskWrite {
  readonly register: MaskRegister;
  readonly fn: MaskFunction;
  readonly site: Site;
  /** What the function is given, for a write that says no more than that. */
  readonly given: readonly MaskArgument[];
}

/** The vendor module that a file's code is of; undefined for common code. */
type VendorOf = (file: string) => string | undefined;

/** What KVM lets guests enable, in XCR0 and in IA32_XSS: the host's value under a mask, and what is added and taken out. */
export function guestMasks(
  files: readonly FileFacts[],
  facts: ComponentFacts,
  { vendors, vendorOf }: { readonly vendors: readonly string[]; readonly vendorOf: VendorOf },
): GuestMask[] {
  const scope: MaskScope = { facts, functions: maskFunctions(files) };
  const writes = files.flatMap((file) => writesIn(file, files, scope));
  return (['XCR0', 'XSS'] as const).flatMap((register) => {
    const all = writes.filter((write) => write.register === register);
    const shared = all.filter(({ isLocal }) => !isLocal);
    // A function's own mask counts where there is no variable of KVM's for it.
    const own = shared.length > 0 ? shared : all;
    if (own.length === 0) return [];
    const byVendor = vendors.map((vendor) => {
      const applied = own.filter(({ site }) => (vendorOf(site.file) ?? vendor) === vendor);
      return { vendor, base: baseOf(applied), ...maskAfter(scope, applied) };
    });
    return [guestMask(register, own, scope, byVendor)];
  });
}

/** The writes to KVM's masks in a file: in its functions, and in those that they give a mask's address. */
function writesIn(
  { source, tellingFunctions }: FileFacts,
  files: readonly FileFacts[],
  scope: MaskScope,
): LocatedWrite[] {
  return tellingFunctions.flatMap(({ start, facts: { name, xsave } }) =>
    (xsave?.masks ?? []).flatMap((mask) => {
      const fn = maskFunction(name, source, start, mask);
      const own = mask.writes.flatMap(({ register, ...write }) =>
        register === 'core'
          ? []
          : asCalled(files, { ...write, register, fn, given: [], site: siteAt(source, start + write.offset) }),
      );
      return [...own, ...mask.calls.flatMap((call) => writesByAddress(scope, fn, call))];
    }),
  );
}

/** What a call does to one of KVM's masks whose address it is given: not known of a function that the tree does not show. */
function writesByAddress(scope: MaskScope, fn: MaskFunction, call: MaskFunction['calls'][number]): LocatedWrite[] {
  // What changes one bit is a write of its own.
  if (READERS.has(call.callee) || changesBit(call.callee)) return [];
  return call.arguments.flatMap((argument, index): LocatedWrite[] => {
    const register = argument.kind === 'object' ? guestMaskRegister(argument.name) : undefined;
    if (argument.kind !== 'object' || !register) return [];
    const frame: MaskFrame = { fn, given: [], depth: 0 };
    const inner = frameOfCall(scope, frame, call);
    const site = siteAt(fn.source, fn.start + call.offset);
    const base = { register, variable: argument.name, isLocal: false, site };
    if (!inner) {
      const value: MaskExpression = { kind: 'constant', text: '' };
      return [
        { ...base, operator: '=', value, guards: call.guards, offset: call.offset, text: call.callee, fn, given: [] },
      ];
    }
    return stepsOn(scope, inner, { index, path: '*' }).map(({ frame: own, step }) => ({
      ...step,
      ...base,
      guards: [...call.guards, ...step.guards],
      fn: own.fn,
      given: own.given,
    }));
  });
}

/** Macros and functions that only look at the bits whose address they are given (linux/bitops.h, linux/find.h). */
const READERS: ReadonlySet<string> = new Set(['test_bit', 'for_each_set_bit', 'find_first_bit', 'find_next_bit']);

/** A write of what its function is given: as each of the calls has it that the tree shows; any other write as it is. */
function asCalled(files: readonly FileFacts[], write: LocatedWrite): LocatedWrite[] {
  if (!isOf(write.value, ({ kind }) => kind === 'parameter')) return [write];
  const calls = files.flatMap(({ source, tellingFunctions }) =>
    tellingFunctions.flatMap(({ start, facts: { name, callFacts, xsave } }) => {
      const masks = xsave?.masks[0];
      const fn = masks ? maskFunction(name, source, start, masks) : write.fn;
      const frame: MaskFrame = { fn, given: [], depth: 0 };
      const own = callFacts.filter(({ callee }) => callee === write.fn.name);
      return own.map((call) => ({ call, frame, masks, source, start }));
    }),
  );
  if (calls.length === 0) return [write];
  return calls.map(({ call, frame, masks, source, start }) => {
    const known = masks?.calls.find(({ offset }) => offset === call.offset);
    const given = call.arguments.map((text, i): MaskArgument => ({
      frame,
      expression: known?.arguments[i] ?? { kind: 'constant', text },
    }));
    const guards = [...call.guards, ...write.guards];
    return { ...write, given, guards, site: siteAt(source, start + call.offset) };
  });
}

function guestMask(
  register: GuestMask['register'],
  writes: readonly LocatedWrite[],
  scope: MaskScope,
  byVendor: readonly (Evaluated & { readonly vendor: string; readonly base: LocatedWrite | undefined })[],
): GuestMask {
  const set = baseOf(writes);
  const masks: readonly Evaluated[] = byVendor.length > 0 ? byVendor : [maskAfter(scope, writes)];
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
  return isOf(value, ({ kind }) => kind === 'host');
}

/** Whether an expression is or has one that passes a test. */
function isOf(value: MaskExpression, isOne: (part: MaskExpression) => boolean): boolean {
  return isOne(value) || partsOf(value).some((part) => isOf(part, isOne));
}

function partsOf(value: MaskExpression): readonly MaskExpression[] {
  switch (value.kind) {
    case 'and':
    case 'or':
      return value.parts;
    case 'choice':
      return value.values.map((one) => one.value);
    case 'steps':
      return value.steps.map((step) => step.value);
    case 'call':
      return value.arguments;
    case 'object':
      return value.parts.map((part) => part.value);
    case 'not':
      return [value.part];
    default:
      return [];
  }
}

function frameOf({ fn, given }: LocatedWrite): MaskFrame {
  return { fn, given, depth: 0 };
}

/** A mask after all writes. Its base counts whatever it is under: without that, KVM lets guests enable nothing at all. */
function maskAfter(scope: MaskScope, writes: readonly LocatedWrite[]): Evaluated {
  const base = baseOf(writes);
  if (!base) return { value: NOT_KNOWN, changes: [] };
  const first = afterBase(scope, base);
  return inOrder(writes, base).reduce<Evaluated>((before, write) => {
    const after = afterStep(scope, frameOf(write), before, write);
    return { value: after.value, changes: [...after.changes, ...alwaysChanged(write, before, after)] };
  }, first);
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
  const isHere = ({ fn }: LocatedWrite) => fn.source === base.fn.source && fn.name === base.fn.name;
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
