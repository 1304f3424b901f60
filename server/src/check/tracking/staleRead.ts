import { isSaveArea, vendorOfFile } from '../../model/query/backends.js';
import {
  calledBy,
  callersOf,
  functionsOfKvm,
  cFunctionsCalledBy,
  functionNamed,
  isInC,
  isNestedCode,
  spanIn,
  type CFunction,
  isVcpuCreation,
} from '../../model/query/functions.js';
import { memberNamed } from '../../model/query/registers.js';
import { macroNamed, wrappersOf } from '../../model/query/cSymbols.js';
import { wordFrom } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { bitmapNamed } from '../../facts/registers/registerBits.js';
import { contradicts, type Guard } from '../../syntax/conditions/guard.js';
import { finding, relatedPlace, type Finding, type RelatedPlace, type Rule } from '../finding.js';
import { readByAccessor } from './accessorFixes.js';
import { isKnownValid, isTestedByCall, validSubjects } from './bitmapChecks.js';
import { cacheUses, isUseOf, type CacheUse } from './cacheUses.js';
import { isFilledBefore } from './fills.js';
import { ownPlaceText, plainAccessors, registersKept, type KeptRegister } from './keptRegisters.js';
import { lazinessPlaces } from './laziness.js';

const ID = 'tracking/stale-read';

/** A lazily cached register that is read from the cache without making sure that it is there. */
export const staleRead: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A lazily cached register is read from the cache without an availability test or a fill before it.',
  why: "After VM-exit such a register is still in the VMCS or VMCB, and the cache has the value of an earlier exit, until the backend's cache callback fills it in. Read it with its accessor, or test its avail bit and fetch it first.",
  exemptions: [
    'A read under a test that the register is available, or that it is dirty: dirty implies available.',
    'A read behind something that puts the value into the cache, in the same function or one that it calls: the cache callback, an accessor, a write, a mark.',
    'A read behind a use of the bitmaps that does not tell which registers it is about: a mask or a bitmap in a local variable.',
    'A helper whose every call is under such a test or behind such a fill, and one that a caller gives a bitmap.',
    'Code of a backend that does not keep the register lazily.',
    'A function that itself copies the register from hardware, and one that goes on to write it: it only looks at the old value.',
    'Bits that no guest owns, of a register of which only guest-owned bits are left in hardware (CR0 and CR4).',
    'Code that runs only while a vCPU is made: one that never ran has nothing in hardware.',
    'A read where the register is not lazy: under a condition that excludes the one under which it is (`!enable_ept`).',
    'Code that switches between L1 and L2, for a register that is lazy under a condition only: what the VMCS holds is being decided there.',
    "Code of another hypervisor in the tree, which KVM starts and which runs no vCPU of KVM's (pKVM): it has its own rules.",
  ],
  find: (model) => {
    const lazy = registersKept(model, (owner) => owner.sync === 'lazy');
    return [
      ...functionsOfKvm(model).flatMap((fn) => functionFindings(model, fn, lazy)),
      ...accessorFindings(model, lazy),
    ];
  },
  fixes: readByAccessor,
};

/** The first stale read of each register in a function: what helps the first helps the others. */
function functionFindings(model: RegisterModel, fn: CFunction, lazy: readonly KeptRegister[]): Finding[] {
  const backend = vendorOfFile(model, fn.file);
  const own = lazy.filter(({ owner }) => backend === null || backend === owner.backend);
  const seen = new Set<string>();
  return cacheUses(model, fn).flatMap((use) => {
    if (seen.has(use.subject)) return [];
    const stale = own.find((kept) => isUseOf(model, use, kept.member) && isStale(model, fn, use, kept));
    if (!stale) return [];
    seen.add(use.subject);
    return [useFinding(model, fn, use, stale)];
  });
}

/** Accessors that a macro makes for lazy registers as if they were not. */
function accessorFindings(model: RegisterModel, lazy: readonly KeptRegister[]): Finding[] {
  const found = new Map<number, Finding>();
  for (const { name, member, file, offset } of plainAccessors(model, 'read')) {
    const kept = lazy.find((one) => one.member === member);
    if (!kept) continue;
    const message = `${name} reads ${kept.register} from the cache, but it may still be in ${ownPlaceText(kept.owner)}: no availability test in it`;
    found.set(offset, finding(ID, wordFrom(model, file, offset), message, relatedPlaces(model, kept)));
  }
  return [...found.values()];
}

function isStale(model: RegisterModel, fn: CFunction, use: CacheUse, kept: KeptRegister): boolean {
  const { reference, subject } = use;
  if (reference.kind === 'write' || isVcpuCreation(model, fn)) return false;
  if (isBehindOpaque(model, fn, reference.start) || isGivenBitmap(model, fn)) return false;
  const at = { offset: reference.start, guards: reference.guards };
  return !(
    isKnownValid(model, reference.guards, subject) ||
    isTestedByCall(model, fn, reference.guards, subject) ||
    isFilledBefore(model, fn, at, subject) ||
    isOwnLoad(model, fn, use) ||
    isLookedAtOnly(cacheUses(model, fn), use) ||
    (kept.owner.when !== null && (isNestedCode(model, fn) || contradicts(reference.guards, kept.owner.when))) ||
    isOfOwnBits(model, use, kept) ||
    isHandedOnWhereValid(model, fn, use) ||
    isBehindFill(model, fn, subject)
  );
}

/** Whether before an offset a function, or one that it calls there, uses the bitmaps so that any register may be tested or marked. */
function isBehindOpaque(model: RegisterModel, fn: CFunction, offset: number): boolean {
  const isBefore = (use: { readonly offset: number }) => use.offset < offset;
  const calls = fn.c.callFacts.filter((call) => isBefore(call) && !call.isOperation);
  const called = calls.flatMap((call) => cFunctionsCalledBy(model, fn, call));
  return fn.c.opaqueBitmaps.some(isBefore) || called.some(({ c }) => c.opaqueBitmaps.length > 0);
}

/** Whether a caller gives a function one of the bitmaps: what it tests by its own name for that is not followed. */
function isGivenBitmap(model: RegisterModel, fn: CFunction): boolean {
  return callersOf(model, fn).some(({ caller, operation }) => {
    const calls = operation === null ? (caller.c?.callFacts ?? []).filter(({ callee }) => callee === fn.name) : [];
    return calls.some((call) => call.arguments.some((argument) => bitmapNamed(argument) !== null));
  });
}

/** The function copies the register from hardware itself. */
function isOwnLoad(model: RegisterModel, { c }: CFunction, { subject }: CacheUse): boolean {
  return c.moves.some(
    ({ from, to }) => isSaveArea(model, from?.kind) && to?.kind === 'cache' && to.register === subject,
  );
}

/** The function goes on to write the register: a setter, which compares the old value with the new one. */
function isLookedAtOnly(uses: readonly CacheUse[], { reference, subject }: CacheUse): boolean {
  return uses.some(
    (other) => other.subject === subject && other.reference.kind === 'write' && other.reference.start > reference.start,
  );
}

/** A local variable takes the value, and hands it on only where the register is known to be in the cache. */
function isHandedOnWhereValid(model: RegisterModel, { c }: CFunction, { subject, reference }: CacheUse): boolean {
  const moves = c.moves.filter(({ from }) => from?.kind === 'cache' && from.register === subject);
  const isHere = moves.some(({ offset, end }) => offset <= reference.start && reference.start < end);
  const later = moves.filter(({ offset }) => offset > reference.start);
  return !isHere && later.length > 0 && later.every(({ guards }) => isKnownValid(model, guards, subject));
}

/** Only some bits of the register are lazy, and the read takes constants of which none is one of them. */
function isOfOwnBits(model: RegisterModel, { reference: { mask } }: CacheUse, kept: KeptRegister): boolean {
  if (mask === undefined || mask.includes('~') || !kept.owner.load.every((load) => load.isPartial)) return false;
  const guestOwned = guestOwnedBits(model, kept.member);
  const names = mask.match(/[A-Za-z_]\w*/g) ?? [];
  return names.every((name) => /^[A-Z][A-Z0-9_]*$/.test(name) && !guestOwned.has(name));
}

/** What the constants stand for that a register's readers test before they fetch it: `KVM_POSSIBLE_CR4_GUEST_BITS`. */
function guestOwnedBits(model: RegisterModel, member: string): ReadonlySet<string> {
  const readers = wrappersOf(model, member).map(({ name, file }) => functionNamed(model, name, file));
  const words = readers.flatMap((reader) => [...(reader?.c?.words.keys() ?? [])]);
  return new Set(
    words.flatMap((word) => {
      const definition = macroNamed(model, word)?.definition;
      return definition?.parameters === null ? definition.body.map((token) => token.text) : [];
    }),
  );
}

/** Every call of the function is where the register is in the cache. */
function isBehindFill(model: RegisterModel, fn: CFunction, subject: string): boolean {
  const isMember = memberNamed(model, subject) !== null;
  const callers = callersOf(model, fn);
  return (
    callers.length > 0 &&
    callers.every(({ caller, offset }) => {
      if (!isInC(caller)) return false;
      const call = caller.c.callFacts.find((c) => c.offset === offset && calledBy(model, caller, c).includes(fn));
      return (
        call !== undefined &&
        (testsSomeRegister(model, call.guards) ||
          (isMember && (isKnownValid(model, call.guards, subject) || isFilledBefore(model, caller, call, subject))))
      );
    })
  );
}

/** Whether guards say that a register is in the cache whose number only run time knows: which, is not told. */
function testsSomeRegister(model: RegisterModel, guards: readonly Guard[]): boolean {
  return validSubjects(model, guards).some((subject) => memberNamed(model, subject) === null);
}

function useFinding(model: RegisterModel, fn: CFunction, use: CacheUse, kept: KeptRegister): Finding {
  const what = use.isRuntime
    ? `Any GPR may be read from the cache here, and ${kept.register}`
    : `${kept.register} is read from the cache, but`;
  const message = `${what} may still be in ${ownPlaceText(kept.owner)}: no availability test or fill before it`;
  return finding(ID, spanIn(fn, use.reference), message, relatedPlaces(model, kept));
}

function relatedPlaces(model: RegisterModel, { member, owner }: KeptRegister): RelatedPlace[] {
  const loads = owner.load.filter((load) => load.phase === 'on-demand').slice(0, 1);
  return [
    ...lazinessPlaces(model, member, owner.backend),
    ...loads.map(({ file, offset, function: name }) =>
      relatedPlace(wordFrom(model, file, offset), `where ${name} fetches it`),
    ),
  ];
}
