import type { Finding, Rule } from '../finding.js';
import { bitmapNamed } from '../../facts/registers/registerBits.js';
import { isWrittenIfDirty } from './dirtyMarks.js';
import { keptWith } from './keptRegisters.js';
import { transferSpan } from './spans.js';
import { type TrackedCode, type TrackedFunction, trackedCode, calledNodes } from './trackedCode.js';

const id = 'tracking/never-clean';

/** A register that is written back if dirty and stays dirty. */
export const NEVER_CLEAN: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'Registers are written back if dirty, but their dirty bits are not reset around VM-entry.',
  why: "After the write-back the bits have to be cleared: else a later VM-entry writes an old value over the guest's.",
  exemptions: [
    'A reset in the function that runs the guest or in one that it calls, of the whole bitmap or of single bits.',
    'A tree in which nothing is seen to reset dirty bits: how it does so is not told, so nothing is said.',
    'Backends that write nothing back if dirty, and those of which the tree shows no code that runs a guest.',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const written = keptWith(model, isWrittenIfDirty);
    const backends = [...new Set(written.map(({ owner }) => owner.backend))];
    // A tree that resets them in no way that is seen may do so in another.
    if (!code.functions.some(clearsDirty)) return [];
    return backends
      .filter((backend) => code.whole.has(backend) && !isReset(code, backend))
      .flatMap((backend) => {
        const kept = written.find(({ owner }) => owner.backend === backend && storeOf(owner));
        const store = kept && storeOf(kept.owner);
        if (!store) return [];
        return [
          {
            rule: id,
            file: store.file,
            span: transferSpan(model, kept.member, store),
            message: `${kept.register} is written back here if dirty, but nothing resets the dirty bits around VM-entry`,
            related: [],
          } satisfies Finding,
        ];
      });
  },
};

type Owner = Parameters<typeof isWrittenIfDirty>[0];

function storeOf(owner: Owner) {
  return owner.store.find((transfer) => transfer.isIfDirty && transfer.isOnEntryPath);
}

/** Whether what runs a backend's guest, or what that calls, clears dirty bits. */
function isReset(code: TrackedCode, backend: string): boolean {
  const running = code.functions.filter(
    (fn) => code.model.phases.entryPath.has(fn.node) && code.backends.get(fn.file) === backend,
  );
  const called = running.flatMap((fn) =>
    fn.facts.callFacts.flatMap((call) => calledNodes(code, fn, call).flatMap((node) => code.of(node) ?? [])),
  );
  return [...running, ...called].some(clearsDirty);
}

function clearsDirty({ facts }: TrackedFunction): boolean {
  return (
    facts.bitmapChanges.some(({ bitmap, operator }) => bitmap === 'dirty' && operator !== '|=') ||
    facts.callFacts.some(
      ({ callee, arguments: given }) =>
        /clear|zero/.test(callee) && given.some((argument) => bitmapNamed(argument) === 'dirty'),
    )
  );
}
