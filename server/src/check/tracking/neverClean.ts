import type { Owner } from '../../backends/owner.js';
import type { Transfer } from '../../backends/transfer.js';
import { vendorOfFile, wholeBackends } from '../../model/query/backends.js';
import { tellingFunctions, cFunctionsCalledBy, isOnEntryPath, type CFunction } from '../../model/query/functions.js';
import { transferSpan } from '../../model/query/transfers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Rule } from '../finding.js';
import { bitmapNamed } from '../../facts/registers/registerBits.js';
import { isOpaque } from './bitmapChecks.js';
import { isWrittenIfDirty } from './dirtyMarks.js';
import { registersKept } from './keptRegisters.js';

const ID = 'tracking/never-clean';

/** A register that is written back if dirty and stays dirty. */
export const neverClean: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'Registers are written back if dirty, but their dirty bits are not reset around VM-entry.',
  why: "After the write-back the bits have to be cleared: else a later VM-entry writes an old value over the guest's.",
  exemptions: [
    'A reset in the function that runs the guest or in one that it calls, of the whole bitmap or of single bits.',
    'A tree in which nothing is seen to reset dirty bits: how it does so is not told, so nothing is said.',
    'Backends that write nothing back if dirty, and those of which the tree shows no code that runs a guest.',
  ],
  find: (model) => {
    const written = registersKept(model, isWrittenIfDirty);
    const backends = [...new Set(written.map(({ owner }) => owner.backend))];
    // A tree that resets them in no way that is seen may do so in another.
    if (!tellingFunctions(model).some(clearsDirty)) return [];
    return backends
      .filter((backend) => wholeBackends(model).has(backend) && !isReset(model, backend))
      .flatMap((backend) => {
        const kept = written.find(({ owner }) => owner.backend === backend && storeOf(owner));
        const store = kept && storeOf(kept.owner);
        if (!store) return [];
        const message = `${kept.register} is written back here if dirty, but nothing resets the dirty bits around VM-entry`;
        return [finding(ID, transferSpan(model, kept.member, store), message)];
      });
  },
};

function storeOf(owner: Owner): Transfer | undefined {
  return owner.store.find((transfer) => transfer.isIfDirty && transfer.isOnEntryPath);
}

/** Whether what runs a backend's guest, or what that calls, clears dirty bits; of common code, what it calls itself. */
function isReset(model: RegisterModel, backend: string): boolean {
  const running = tellingFunctions(model).filter(
    (fn) => isOnEntryPath(model, fn) && (vendorOfFile(model, fn.file) ?? backend) === backend,
  );
  const called = running.flatMap((fn) => {
    const isCommon = vendorOfFile(model, fn.file) === null;
    const calls = fn.c.callFacts.filter((call) => !isCommon || !call.isOperation);
    return calls.flatMap((call) => cFunctionsCalledBy(model, fn, call));
  });
  return [...running, ...called].some(clearsDirty);
}

function clearsDirty(fn: CFunction): boolean {
  const { c } = fn;
  return (
    isOpaque(fn, 'dirty') ||
    c.bitmapChanges.some(({ bitmap, operator }) => bitmap === 'dirty' && operator !== '|=') ||
    c.callFacts.some(
      ({ callee, arguments: given }) =>
        /clear|zero/.test(callee) && given.some((argument) => bitmapNamed(argument) === 'dirty'),
    )
  );
}
