import type { CallFact } from '../../facts/source/calls.js';
import type { Finding, Rule } from '../finding.js';
import { testsOf } from './bitmapChecks.js';
import { isFetch } from './fills.js';
import { dirtyPlaces, isWrittenIfDirty } from './dirtyMarks.js';
import { type Kept, keptWith, isInArray } from './keptRegisters.js';
import { wordIn } from './spans.js';
import { type TrackedCode, type TrackedFunction, trackedCode, subjectOf } from './trackedCode.js';

const id = 'tracking/unconditional-fetch';

/** A register that is fetched from hardware although the cache may have a newer value. */
export const UNCONDITIONAL_FETCH: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A register that is written back if dirty is fetched without a test that it is not available.',
  why: "The cache callback copies hardware's value over the cache's. What KVM has written there since VM-exit, and marked dirty, would be lost: fetch only under `!kvm_register_is_available()`.",
  exemptions: [
    'The cache callback itself, and a wrapper that hands the call on to it.',
    "A register that no backend writes back if dirty: hardware's value is never older than the cache's.",
    'A fetch under a test of the wrong sense: the rule on that says so.',
    'A fetch behind a mark that says the register is to be fetched anew.',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const written = keptWith(model, isWrittenIfDirty);
    return code.functions
      .filter((fn) => !model.phases.cacheCallbacks.includes(fn.node))
      .flatMap((fn) =>
        fn.facts.callFacts.flatMap((call) => {
          if (!isFetch(code, fn, call)) return [];
          const unconditional = call.arguments
            .slice(1)
            .flatMap((argument) => overwritten(code, fn, call, argument, written) ?? []);
          return unconditional.slice(0, 1).map((kept) => finding(code, fn, call, kept));
        }),
      );
  },
};

/** The register whose newer value a fetch of a number may overwrite, or null. */
function overwritten(
  code: TrackedCode,
  fn: TrackedFunction,
  call: CallFact,
  argument: string,
  written: readonly Kept[],
): Kept | null {
  const { symbols } = code.model;
  const subject = subjectOf(symbols, argument);
  const isMember = symbols.registers.byName.has(subject);
  const isTested = testsOf(symbols, call.guards, subject).some((test) => test.bit === 'available');
  const isReloaded = fn.facts.callFacts.some((other) => {
    const marker = symbols.indexed.get(other.callee);
    const number = marker?.kind === 'mark-reload' ? other.arguments[marker.parameter] : undefined;
    return number !== undefined && other.offset < call.offset && subjectOf(symbols, number) === subject;
  });
  if (isTested || isReloaded) return null;
  return written.find(({ member }) => (isMember ? member === subject : isInArray(code.model, member))) ?? null;
}

function finding(code: TrackedCode, fn: TrackedFunction, call: CallFact, kept: Kept): Finding {
  return {
    rule: id,
    file: fn.file,
    span: wordIn(code.model, fn.node, call.offset),
    message: `${kept.register} is fetched without a test that it is not available: a value that is dirty would be overwritten`,
    related: dirtyPlaces(code, kept),
  };
}
