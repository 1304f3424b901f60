import { spanIn, wordAt } from './spans.js';
import { isSaveArea } from './codeBackends.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, RelatedPlace, Rule } from '../finding.js';
import { isKnownValid } from './bitmapChecks.js';
import { isFilledBefore } from './fills.js';
import { lazinessPlaces } from './lazySets.js';
import { type Kept, keptWith, isInArray, placeTitle, plainAccessors } from './keptRegisters.js';
import {
  type TrackedCode,
  type TrackedFunction,
  type CacheUse,
  trackedCode,
  calledNodes,
  isNestedCode,
} from './trackedCode.js';

const id = 'tracking/stale-read';

/** A lazily cached register that is read from the cache without making sure that it is there. */
export const STALE_READ: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A lazily cached register is read from the cache without an availability test or a fill before it.',
  why: "After VM-exit such a register is still in the VMCS or VMCB, and the cache has the value of an earlier exit, until the backend's cache callback fills it in. Read it with its accessor, or test its avail bit and fetch it first.",
  exemptions: [
    'A read under a test that the register is available, or that it is dirty: dirty implies available.',
    'A read behind something that puts the value into the cache, in the same function or one that it calls: the cache callback, an accessor, a write, a mark.',
    'A helper whose every call is under such a test or behind such a fill.',
    'Code of a backend that does not keep the register lazily.',
    'A function that itself copies the register from hardware, and one that goes on to write it: it only looks at the old value.',
    'Bits that no guest owns, of a register of which only guest-owned bits are left in hardware (CR0 and CR4).',
    'Code that runs only while a vCPU is made: one that never ran has nothing in hardware.',
    'Code that switches between L1 and L2, for a register that is lazy under a condition only: what the VMCS holds is being decided there.',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const all = keptWith(model, (owner) => owner.sync === 'lazy');
    return [...code.functions.flatMap((fn) => readBy(code, fn, all)), ...readByAccessors(code, all)];
  },
};

/** The first stale read of each register in a function: what helps the first helps the others. */
function readBy(code: TrackedCode, fn: TrackedFunction, all: readonly Kept[]): Finding[] {
  const backend = code.backends.get(fn.file);
  const seen = new Set<string>();
  return fn.uses.flatMap((use) => {
    const isMeant = (member: string) => (use.isRuntime ? isInArray(code.model, member) : use.subject === member);
    const stale = seen.has(use.subject)
      ? undefined
      : all.find(
          (kept) =>
            isMeant(kept.member) &&
            (backend === undefined || backend === kept.owner.backend) &&
            isStale(code, fn, use, kept),
        );
    if (!stale) return [];
    seen.add(use.subject);
    return [finding(code, fn, use, stale)];
  });
}

/** Accessors that a macro makes for lazy registers as if they were not. */
function readByAccessors(code: TrackedCode, all: readonly Kept[]): Finding[] {
  const found = new Map<number, Finding>();
  for (const { name, member, file, offset } of plainAccessors(code.model, 'read')) {
    const kept = all.find((one) => one.member === member);
    if (!kept) continue;
    found.set(offset, {
      rule: id,
      file,
      span: wordAt(code.model, file, offset),
      message: `${name} reads ${kept.register} from the cache, but it may still be in ${placeTitle(kept.owner)}: no availability test in it`,
      related: related(code, kept),
    });
  }
  return [...found.values()];
}

function isStale(code: TrackedCode, fn: TrackedFunction, use: CacheUse, kept: Kept): boolean {
  const { reference, subject } = use;
  if (reference.kind === 'write' || code.model.phases.isCreation(fn.node)) return false;
  const at = { offset: reference.start, guards: reference.guards };
  return !(
    isKnownValid(code.model.symbols, reference.guards, subject) ||
    isFilledBefore(code, fn, at, subject) ||
    isOwnLoad(code, fn, use) ||
    isLookedAtOnly(fn, use) ||
    (kept.owner.when !== null && isNestedCode(code, fn)) ||
    isOfOwnBits(code, use, kept) ||
    isBehindFill(code, fn, subject)
  );
}

/** The function copies the register from hardware itself. */
function isOwnLoad({ model }: TrackedCode, { facts }: TrackedFunction, { subject }: CacheUse): boolean {
  return facts.moves.some(
    ({ from, to }) => isSaveArea(model, from?.kind) && to?.kind === 'cache' && to.register === subject,
  );
}

/** The function goes on to write the register: a setter, which compares the old value with the new one. */
function isLookedAtOnly({ uses }: TrackedFunction, { reference, subject }: CacheUse): boolean {
  return uses.some(
    (other) => other.subject === subject && other.reference.kind === 'write' && other.reference.start > reference.start,
  );
}

/** Only some bits of the register are lazy, and the read takes constants of which none is one of them. */
function isOfOwnBits({ model }: TrackedCode, { reference: { mask } }: CacheUse, { owner, member }: Kept): boolean {
  if (mask === undefined || mask.includes('~') || !owner.load.every((load) => load.isPartial)) return false;
  const guestOwned = guestOwnedBits(model, member);
  const names = mask.match(/[A-Za-z_]\w*/g) ?? [];
  return names.every((name) => /^[A-Z][A-Z0-9_]*$/.test(name) && !guestOwned.has(name));
}

/** What the constants stand for that a register's readers test before they fetch it: `KVM_POSSIBLE_CR4_GUEST_BITS`. */
function guestOwnedBits({ graph, symbols }: RegisterModel, member: string): ReadonlySet<string> {
  const readers = [...symbols.wrappers.values()].filter(({ uses }) => uses.some((use) => use.member === member));
  const words = readers.flatMap(({ name, file }) => [...(graph.find(name, file)?.c?.words.keys() ?? [])]);
  return new Set(
    words.flatMap((word) => {
      const definition = symbols.macros.get(word)?.definition;
      return definition?.parameters === null ? definition.body.map((token) => token.text) : [];
    }),
  );
}

/** Every call of the function is where the register is in the cache. */
function isBehindFill(code: TrackedCode, fn: TrackedFunction, subject: string): boolean {
  const { graph, symbols } = code.model;
  if (!symbols.registers.byName.has(subject)) return false;
  const callers = graph.callers(fn.node);
  return (
    callers.length > 0 &&
    callers.every(({ caller, offset }) => {
      const above = code.of(caller);
      const call = above?.facts.callFacts.find(
        (c) => c.offset === offset && calledNodes(code, above, c).includes(fn.node),
      );
      return (
        !!above && !!call && (isKnownValid(symbols, call.guards, subject) || isFilledBefore(code, above, call, subject))
      );
    })
  );
}

function finding(code: TrackedCode, fn: TrackedFunction, { reference, isRuntime }: CacheUse, kept: Kept): Finding {
  const what = isRuntime
    ? `Any GPR may be read from the cache here, and ${kept.register}`
    : `${kept.register} is read from the cache, but`;
  return {
    rule: id,
    file: fn.file,
    span: spanIn(fn.node, reference),
    message: `${what} may still be in ${placeTitle(kept.owner)}: no availability test or fill before it`,
    related: related(code, kept),
  };
}

function related(code: TrackedCode, { member, owner }: Kept): RelatedPlace[] {
  const loads = owner.load.filter((load) => load.phase === 'on-demand').slice(0, 1);
  return [
    ...lazinessPlaces(code, member, owner.backend),
    ...loads.map(({ file, offset, function: name }) => ({
      file,
      span: wordAt(code.model, file, offset),
      message: `where ${name} fetches it`,
    })),
  ];
}
