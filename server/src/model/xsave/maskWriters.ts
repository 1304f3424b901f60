import type { FileFacts } from '../../facts/fileFacts.js';
import { changesBit } from '../../facts/xsave/bitChanges.js';
import { siteAt, type ComponentFacts, type Site } from '../../facts/xsave/componentFacts.js';
import { hasPart, type MaskExpression, type MaskRegister } from '../../facts/xsave/maskExpression.js';
import { guestMaskRegister, type MaskWrite } from '../../facts/xsave/maskWrites.js';
import { frameOfCall, stepsOn, type MaskArgument, type MaskFrame, type MaskScope } from './maskEvaluation.js';
import { maskFunction, ofAllWays, type MaskFunction } from './maskFunctions.js';

/** A write to one of KVM's masks, with the function that it is in. */
export interface LocatedWrite extends MaskWrite {
  readonly register: MaskRegister;
  readonly fn: MaskFunction;
  readonly site: Site;
  /** What the function is given, for a write that says no more than that. */
  readonly given: readonly MaskArgument[];
}

/** What the variables of a mask begin with, as writes. */
export function initialWrites({ initial }: ComponentFacts, register: MaskRegister): LocatedWrite[] {
  return initial
    .filter((mask) => mask.register === register)
    .map(({ variable, source, offset, text }): LocatedWrite => {
      const fn: MaskFunction = { name: variable, source, start: 0, returned: null, written: [], calls: [] };
      const value: MaskExpression = { kind: 'constant', text };
      const base = { register, variable, isLocal: false, operator: '=', value, guards: [], offset, text };
      return { ...base, fn, given: [], site: siteAt(source, offset) };
    });
}

/** The writes to KVM's masks in a file: in its functions, and in those that they give a mask's address. */
export function writesIn(
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
  if (!hasPart(write.value, ({ kind }) => kind === 'parameter')) return [write];
  const calls = files.flatMap(({ source, tellingFunctions }) =>
    tellingFunctions.flatMap(({ start, facts: { name, callFacts, xsave } }) => {
      const masks = xsave && ofAllWays(xsave.masks);
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

/** The writes to what one guest may enable, of all files. */
export function vcpuWrites(files: readonly FileFacts[], register: MaskRegister): LocatedWrite[] {
  return files.flatMap(({ source, tellingFunctions }) =>
    tellingFunctions.flatMap(({ start, facts: { name, xsave } }) =>
      (xsave?.masks ?? []).flatMap((mask) => {
        const fn = maskFunction(name, source, start, mask);
        return mask.ofVcpu
          .filter((write) => write.register === register)
          .map((write) => ({ ...write, isLocal: false, fn, given: [], site: siteAt(source, start + write.offset) }));
      }),
    ),
  );
}

/** Where an expression that a write assigns stands. */
export function frameOf({ fn, given }: LocatedWrite): MaskFrame {
  return { fn, given, depth: 0 };
}
