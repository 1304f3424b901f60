import type { Place } from '../../backends/place.js';
import type { LocalValue } from '../../facts/registers/localValues.js';
import type { Move } from '../../facts/registers/moves.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CallFact } from '../../facts/source/calls.js';
import { isReporting } from '../../syntax/conditions/reports.js';
import { groupBy } from '../groupBy.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { fieldDescription, hardwareKind } from './backends.js';
import { argumentTexts, parameterNames } from './callText.js';
import { accessorNamed } from './cSymbols.js';
import { callersOf, functionAt, functionText, functionVisibleIn, isInC, type CFunction } from './functions.js';
import { isOfGuest, placeOfTree } from './placeUses.js';
import { registerNamed, registerOf } from './registers.js';
import { resultsIn } from './returnedRegisters.js';
import { segmentOfNumber } from './segmentNumbers.js';
import { isMemberAt, sourceOf } from './text.js';
import { ownCopy, unlistedIn } from './unlistedRegisters.js';
import { unlistedValues, type UnlistedValue } from './unlistedValues.js';
import { givenTo, heldBy, registerWritten } from './writtenArguments.js';

/** A variable that holds a register's value, or is given to one. At least one list is not empty. */
export interface Variable {
  readonly fn: CFunction;
  /** It is a parameter: callers give its value. */
  readonly isParameter: boolean;
  /** What it is set from in its function, in the order of the text. */
  readonly values: readonly HeldValue[];
  /** Where its function writes it to. */
  readonly moves: readonly (Move & { readonly to: Place })[];
  /** The functions that it is handed to and that write it to a register, directly or by others. */
  readonly handed: readonly HandedValue[];
  /** The functions that get it as it is, whatever they do with it, each once. */
  readonly takers: readonly string[];
  /** The calls that return a register's value to it. */
  readonly results: ReturnType<typeof resultsIn>;
  /** The calls that are handed its address for a segment register, by that one's number: `vmx_get_segment(vcpu, &cs, VCPU_SREG_CS)`. */
  readonly segments: readonly { readonly callee: string; readonly segment: string; readonly offset: number }[];
  /** What is done by way of it with registers that no enum lists, beside what `values` and `moves` have. */
  readonly unlisted: readonly UnlistedValue[];
  /** The functions that give it a value for the register that it is called after, if it is a parameter of which nothing else is known. */
  readonly givers: readonly GivenParameter[];
}

/** A call that gives a parameter a value for a register. `offset`: of the call, in the caller. */
export interface GivenParameter {
  readonly caller: CFunction;
  readonly offset: number;
  /** As the manuals call it. */
  readonly held: string;
}

/** A local variable's value with the register that it is of; null for what only the place tells. */
export interface HeldValue extends LocalValue {
  readonly register: Register | null;
}

/** A call that is handed a value for a register. */
export interface HandedValue {
  readonly call: CallFact;
  readonly register: Register;
}

/** What a word is as a variable of the function that it is in, or as a parameter in a function's declaration; null for any other. */
export function variableAt(model: RegisterModel, path: string, offset: number, name: string): Variable | null {
  if (isMemberAt(sourceOf(model, path)?.text ?? '', offset)) return null;
  const fn = functionAt(model, path, offset) ?? declaredAt(model, path, offset);
  return fn && variableOf(model, fn, name);
}

/** What a function's variable of a name is, as {@link variableAt} says of a word. */
export function variableOf(model: RegisterModel, fn: CFunction, name: string): Variable | null {
  const variable = ownFacts(model, fn, name);
  if (isTelling(variable)) return variable;
  const givers = giversOf(model, fn, name, 0);
  return givers.length > 0 ? { ...variable, isParameter: true, givers } : null;
}

/** What a function itself tells of a variable of its. */
function ownFacts(model: RegisterModel, fn: CFunction, name: string): Variable {
  return {
    fn,
    isParameter: parameterNames(functionText(model, fn)).includes(name),
    values: fn.c.localValues.flatMap((value) => (value.name === name ? heldValue(model, fn, value) : [])),
    moves: [...givenTo(fn, name), ...partsGiven(fn, name), ...writtenByCalls(fn, name)].filter(({ to }) =>
      isTold(model, to),
    ),
    handed: handedTo(model, fn, name),
    takers: takersOf(fn, name),
    results: resultsIn(model, fn, name),
    unlisted: unlistedValues(model, fn, name),
    segments: segmentsHanded(model, fn, name),
    givers: [],
  };
}

/** Whether there is something to be said of what a variable is written to: not of a control field that has nothing to do with registers. */
function isTold(model: RegisterModel, to: Place): boolean {
  const role = hardwareKind(model, to.kind)?.role;
  if ((role !== 'save-area' && role !== 'launch-area') || heldBy(model, to) !== null) return true;
  return isOfGuest(model, to, null) || fieldDescription(model, to.name) !== null;
}

function isTelling({ values, moves, handed, results, unlisted, segments }: Variable): boolean {
  return [values, moves, handed, results, unlisted, segments].some(({ length }) => length > 0);
}

function segmentsHanded(model: RegisterModel, fn: CFunction, name: string): Variable['segments'] {
  return segmentsByVariable(model)(fn).get(name) ?? [];
}

const segmentsByVariable = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction) => {
    const text = functionText(model, fn);
    const found = model.graph.callees(fn).flatMap(({ callee, operation, offset }) => {
      const given = argumentTexts(text, offset);
      const [segment] = given.flatMap((one) => segmentOfNumber(model, one) ?? []);
      if (segment === undefined) return [];
      const addresses = given.flatMap((one) => /^&(\w+)$/.exec(one)?.[1] ?? []);
      return addresses.map((variable) => ({ variable, callee: operation ?? callee.name, segment, offset }));
    });
    return groupBy(found, ({ variable }) => variable);
  }),
);

/** How many calls up a parameter is followed. */
const MOST_CALLERS = 3;

/** The calls that give a parameter that is called after a register a value for that register. */
function giversOf(model: RegisterModel, fn: CFunction, name: string, distance: number): GivenParameter[] {
  const held = registerNamed(model, name)?.register ?? unlistedIn(name);
  const at = held === null ? -1 : parameterNames(functionText(model, fn)).indexOf(name);
  if (held === null || at < 0 || distance >= MOST_CALLERS) return [];
  return callersOf(model, fn).flatMap(({ caller, offset }): GivenParameter[] => {
    if (!isInC(caller) || caller === fn) return [];
    const given = argumentTexts(functionText(model, caller), offset)[at] ?? '';
    return isOfRegister(model, caller, given, { held, distance }) ? [{ caller, offset, held }] : [];
  });
}

/** Whether what a function gives is a value for a register: an accessor's result, KVM's own copy, or a variable. */
function isOfRegister(
  model: RegisterModel,
  fn: CFunction,
  text: string,
  { held, distance }: { readonly held: string; readonly distance: number },
): boolean {
  const accessor = accessorNamed(model, /^(\w+)\([^()]*\)$/.exec(text)?.[1] ?? '');
  if (accessor) return registerOf(model, accessor.member)?.register === held;
  const copy = ownCopy(text);
  if (copy !== null) return unlistedIn(copy) === held && copy === held.toLowerCase();
  if (!/^\w+$/.test(text)) return false;
  const own = ownFacts(model, fn, text);
  if (isTelling(own)) return heldByVariable(model, own) === held;
  return giversOf(model, fn, text, distance + 1).some((giver) => giver.held === held);
}

/** The register that a variable's values are of, or that it is given to; null where those are several, and for one that the enum does not list. */
export function registerOfVariable(model: RegisterModel, variable: Variable): Register | null {
  const held = heldByVariable(model, variable);
  return held === null ? null : registerNamed(model, held);
}

/** The same register by its name in the manuals, also one that the enum does not list. */
export function heldByVariable(model: RegisterModel, variable: Variable): string | null {
  const [only = null, another] = namesHeld(model, variable);
  return another === undefined ? only : null;
}

/** The names of all registers that a variable's values are of, or that it is given to; null among them for what is of none that is known. */
export function namesHeld(model: RegisterModel, variable: Variable): ReadonlySet<string | null> {
  const { values, moves, handed, results, unlisted, givers } = variable;
  const ofValues = values.flatMap(({ from, register }) => {
    const name = register?.register ?? unlistedIn(from.name);
    // The register that a slot is of may be known to run time alone.
    return name !== null || from.kind !== 'cache' ? [name] : [];
  });
  return new Set([
    ...ofValues,
    ...moves.flatMap(({ to }) => heldBy(model, to)?.register ?? unlistedIn(to.name) ?? []),
    ...[...handed, ...results].map(({ register }) => register.register),
    ...unlisted.map(({ register }) => register),
    ...givers.map(({ held }) => held),
  ]);
}

/** Characters before a word in which the name of its function's declaration stands. */
const LONGEST_DECLARATION = 400;

/** The function whose declaration, without a body, an offset of a file is among the parameters of. */
function declaredAt(model: RegisterModel, path: string, offset: number): CFunction | null {
  const text = sourceOf(model, path)?.text ?? '';
  const begins = text.slice(Math.max(0, offset - LONGEST_DECLARATION), offset);
  const name = /\b(\w+)\s*\([^(){};]*$/.exec(begins)?.[1];
  if (name === undefined || !/^[^(){};]*\)[^(){};]*;/.test(text.slice(offset, offset + LONGEST_DECLARATION)))
    return null;
  const node = functionVisibleIn(model, name, path);
  return node && isInC(node) ? node : null;
}

function heldValue(model: RegisterModel, fn: CFunction, value: LocalValue): HeldValue[] {
  const from = placeOfTree(model, fn, value.from, value.offset);
  const register = heldBy(model, from);
  return register || from.kind === 'cache' || isOfGuest(model, from, null) ? [{ ...value, from, register }] : [];
}

/** Where a half of a variable is written to: `kvm_rdx_write(vcpu, result >> 32)`. */
function partsGiven({ c }: CFunction, name: string): Variable['moves'] {
  return c.moves.flatMap(({ to, ...move }) =>
    to && move.from === null && !move.isPartial && move.other !== name && HALF.exec(move.other)?.[1] === name
      ? [{ ...move, to }]
      : [],
  );
}

/** `(u32)data`, `result >> 32`, `(data >> 32) & -1u`, `result & 0xffffffff` */
const HALF = /^(?:\(u32\))?\(?(\w+)(?: >> 32)?\)?(?: & (?:0xffffffff|-1u))?$/;

/** Where a variable that has a place's value is given to a function that writes it to another place: that is the place's move, `vmcs_writel(GUEST_CR3, cr3)`. */
function writtenByCalls({ c }: CFunction, name: string): Variable['moves'] {
  const sources = new Set(c.localValues.flatMap((value) => (value.name === name ? [value.from.name] : [])));
  const calls = new Set(c.callFacts.flatMap((call) => (call.arguments.includes(name) ? [call.offset] : [])));
  return c.moves.flatMap(({ to, ...move }) =>
    to && move.from && sources.has(move.from.name) && calls.has(move.offset) ? [{ ...move, to }] : [],
  );
}

/** Not those that only make a message of it, or trace it. */
function takersOf({ c }: CFunction, name: string): string[] {
  const taking = c.callFacts.filter(({ callee, arguments: given }) => given.includes(name) && !isReporting(callee));
  return [...new Set(taking.map(({ callee }) => callee))].filter(
    (callee) => !/^(?:trace_|(?:un)?likely$)/.test(callee),
  );
}

function handedTo(model: RegisterModel, fn: CFunction, name: string): HandedValue[] {
  return fn.c.callFacts.flatMap((call) => {
    const at = call.arguments.indexOf(name);
    const register = at < 0 ? null : registerWritten(model, { fn, call, at, distance: 0 });
    return register ? [{ call, register }] : [];
  });
}
