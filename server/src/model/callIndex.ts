import type { CallFact } from '../facts/source/calls.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import { memoizeByIdentity } from '../cache/memoize.js';

/** A call and the function that does it. */
interface FunctionCall {
  readonly caller: FunctionFacts;
  readonly call: CallFact;
}

/** The calls of a function, or of an operation, among the tree's functions that were parsed. */
export function callsOf(files: readonly FileFacts[], callee: string): readonly FunctionCall[] {
  return files.flatMap((file) => callsByCallee(file).get(callee) ?? []);
}

/** The calls of all operations. */
export function operationCalls(files: readonly FileFacts[]): readonly CallFact[] {
  return files.flatMap(operationCallsIn);
}

const callsByCallee = memoizeByIdentity(
  ({ tellingFunctions }: FileFacts): ReadonlyMap<string, readonly FunctionCall[]> => {
    const found = new Map<string, FunctionCall[]>();
    for (const { facts: caller } of tellingFunctions) {
      for (const call of caller.callFacts) {
        const known = found.get(call.callee);
        if (known) known.push({ caller, call });
        else found.set(call.callee, [{ caller, call }]);
      }
    }
    return found;
  },
);

const operationCallsIn = memoizeByIdentity(({ tellingFunctions }: FileFacts) =>
  tellingFunctions.flatMap(({ facts }) => facts.callFacts.filter((call) => call.isOperation)),
);
