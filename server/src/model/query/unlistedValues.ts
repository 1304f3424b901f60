import { CACHE_MEMBER, CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { LocalValue } from '../../facts/registers/localValues.js';
import { memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';
import type { GraphNode } from '../callGraph.js';
import { offsetIn } from '../callGraph.js';
import { groupBy } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { areaCopies } from './areaCopies.js';
import { argumentTexts, parameterNames, resultTarget } from './callText.js';
import { membersOfStruct } from './cSymbols.js';
import { debugValues } from './debugNumbers.js';
import { functionText, isInC, type CFunction } from './functions.js';
import { registerNamed } from './registers.js';
import { soleName, TASK_PRIORITY, taskPriorityUses } from './taskPriority.js';
import { unlistedIn } from './unlistedRegisters.js';

/**
 * What a function does by way of a variable with a register that no enum lists. `copy`: it reads KVM's own copy, `vcpu->arch.cr8`;
 * `result`: a call returns it; `part`: it is in some bits of a field; each the other way round where `isWritten`. `name`: of the copy, of the function or operation that is called, of the field.
 */
export interface UnlistedValue {
  readonly register: string;
  readonly way: 'copy' | 'call' | 'part';
  readonly name: string;
  readonly isWritten: boolean;
  /** In the function. */
  readonly offset: number;
}

/** How many calls a value is followed through. */
const MOST_CALLS = 3;

/** What a function does with registers that no enum lists by way of a variable, in the order of the text. */
export function unlistedValues(model: RegisterModel, fn: CFunction, variable: string): readonly UnlistedValue[] {
  return valuesByVariable(model)(fn).get(variable) ?? [];
}

/** A value with the variable that has it. */
type VariableValue = UnlistedValue & { readonly variable: string };

const valuesByVariable = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction) => {
    const text = functionText(model, fn);
    const found = [
      ...copies(model, text, false),
      ...copies(model, text, true),
      ...parts(model, fn),
      ...taskPriorities(text),
      ...calls(model, fn, text),
    ];
    return groupBy(
      found.sort((a, b) => a.offset - b.offset),
      ({ variable }) => variable,
    );
  }),
);

/** `value = vcpu->arch.cr2;`, also of a part of it: `& 0xf`. */
const READ = new RegExp(
  `(?<![\\w.>])(?<variable>\\w+)\\s*=\\s*\\w*->?(?:\\w+\\.)?${CACHE_MEMBER}\\.(?<member>\\w+)\\s*(?:[&|][^;?]*)?;`,
  'g',
);
/** `vcpu->arch.cr8 = cr8;`, not `run->debug.arch.dr7 = dr7;`. */
const WRITTEN = new RegExp(`(?<!\\bdebug\\.)\\b${CACHE_MEMBER}\\.(?<member>\\w+)\\s*=\\s*(?<variable>\\w+)\\s*;`, 'g');
/** `return vcpu->arch.cr8;` */
const RETURNED = new RegExp(`\\breturn\\s+\\w*->?(?:\\w+\\.)?${CACHE_MEMBER}\\.(\\w+)\\s*;`, 'g');

/** The register that a member of the cache's struct is called after, if no enum lists it. */
function copied(model: RegisterModel, member: string): string | null {
  if (!(membersOfStruct(model, CACHE_STRUCT) ?? []).includes(member)) return null;
  const register = unlistedIn(member);
  return register === member.toUpperCase() && !registerNamed(model, member) ? register : null;
}

/** What variables have of KVM's own copies, or give to them. */
function copies(model: RegisterModel, text: string, isWritten: boolean): VariableValue[] {
  return Array.from(text.matchAll(isWritten ? WRITTEN : READ)).flatMap(({ groups, index }): VariableValue[] => {
    const { variable = '', member = '' } = groups ?? {};
    const register = copied(model, member);
    return register === null ? [] : [{ variable, register, way: 'copy', name: member, isWritten, offset: index }];
  });
}

/** Bits of a field that are a register's, read to a variable or written from one. */
function parts(model: RegisterModel, fn: CFunction): VariableValue[] {
  return areaCopies(model, fn).flatMap(({ held, transfer }): VariableValue[] => {
    const { from, to, other, statement } = transfer;
    const place = to ?? from;
    // A field that is a register's as a whole is told of by its move.
    if (!place || (from && to) || unlistedIn(place.name) !== null || registerNamed(model, held)) return [];
    const offset = offsetIn(fn, statement);
    const written = /^\w+/.exec(other)?.[0];
    const read = fn.c.localValues.filter((value) => sameStatement(fn, value, offset)).map(({ name }) => name);
    const variables = to ? (written === undefined ? [] : [written]) : read;
    return variables.map((variable) => ({
      variable,
      register: held,
      way: 'part',
      name: place.name,
      isWritten: to !== null,
      offset,
    }));
  });
}

/** The APIC's task priority, which is CR8. */
function taskPriorities(text: string): VariableValue[] {
  return taskPriorityUses(text).flatMap(({ variable, isWritten, offset }): VariableValue[] =>
    variable === null ? [] : [{ variable, register: 'CR8', way: 'part', name: TASK_PRIORITY, isWritten, offset }],
  );
}

/** Whether a local variable is given its value by the statement at an offset of a function. */
function sameStatement(fn: CFunction, { from, offset }: LocalValue, statement: number): boolean {
  return fn.c.moves.some(
    (move) =>
      move.statement === statement && move.from?.name === from.name && move.offset > offset && offset >= statement,
  );
}

function calls(model: RegisterModel, fn: CFunction, text: string): VariableValue[] {
  return model.graph.callees(fn).flatMap(({ callee, operation, offset }): VariableValue[] => {
    const base = { way: 'call' as const, name: operation ?? callee.name, offset };
    const target = resultTarget(text, offset);
    const returned = target === null ? null : unlistedReturned(model, callee);
    const set = argumentTexts(text, offset).flatMap((variable, at): VariableValue[] => {
      const register = /^[a-z_]\w*$/.test(variable) ? unlistedSet(model, callee, at) : null;
      return register === null ? [] : [{ ...base, variable, register, isWritten: true }];
    });
    const ofDebug = debugValues(model, callee, text, offset).map((value) => ({ ...base, ...value }));
    return target === null || returned === null
      ? [...ofDebug, ...set]
      : [{ ...base, variable: target, register: returned, isWritten: false }, ...ofDebug, ...set];
  });
}

/** The one register that no enum lists whose value a function returns from KVM's own copy, or by another function that does; null for none, and for several. */
export function unlistedReturned(model: RegisterModel, node: GraphNode): string | null {
  return returnedBy(model)(node);
}

const returnedBy = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((node: GraphNode) => returnedWithin(model, node, 0)),
);

function returnedWithin(model: RegisterModel, node: GraphNode, distance: number): string | null {
  if (!isInC(node) || distance >= MOST_CALLS) return null;
  const text = functionText(model, node);
  const own = [
    ...Array.from(text.matchAll(RETURNED)).flatMap(([, member = '']) => copied(model, member) ?? []),
    ...taskPriorityUses(text).flatMap(({ isReturned }) => (isReturned ? ['CR8'] : [])),
  ];
  const further = model.graph
    .callees(node)
    .filter(({ offset }) => /\breturn\s+(?:\w+\()?$/.test(text.slice(Math.max(0, offset - LONGEST_RETURN), offset)))
    .flatMap(({ callee }) => returnedWithin(model, callee, distance + 1) ?? []);
  return only([...own, ...further]);
}

/** Characters of a `return` up to the name of what is called, by a macro perhaps. */
const LONGEST_RETURN = 60;

/** The one register that no enum lists to which a function sets one of its parameters, 0-based, or has another function do so; null for none, and for several. */
export function unlistedSet(model: RegisterModel, node: GraphNode, at: number): string | null {
  return setBy(model)(node)(String(at));
}

const setBy = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((node: GraphNode) => memoizeByName((at) => setWithin(model, node, Number(at), 0))),
);

function setWithin(model: RegisterModel, node: GraphNode, at: number, distance: number): string | null {
  if (!isInC(node) || distance >= MOST_CALLS) return null;
  const text = functionText(model, node);
  const parameters = parameterNames(text);
  const parameter = parameters[at];
  if (parameter === undefined || parameter === '' || isChosen(text, parameters, parameter)) return null;
  const own = copies(model, text, true).flatMap(({ variable, register }) => (variable === parameter ? [register] : []));
  const inApic = taskPriorities(text).flatMap((one) =>
    one.isWritten && one.variable === parameter ? [one.register] : [],
  );
  const moved = node.c.moves.flatMap(({ to, other }) => (to && other === parameter ? (unlistedIn(to.name) ?? []) : []));
  const further = model.graph.callees(node).flatMap(({ callee, offset }) => {
    const next = argumentTexts(text, offset).findIndex((given) => soleName(given) === parameter);
    return next < 0 ? [] : (setWithin(model, callee, next, distance + 1) ?? []);
  });
  return only([...own, ...inApic, ...moved, ...further]);
}

/** Whether another parameter chooses what is done with one: `switch (reg)`, `if (msr == MSR_IA32_CR_PAT)`. */
function isChosen(text: string, parameters: readonly string[], one: string): boolean {
  const choices = Array.from(text.matchAll(/\b(?:switch \((\w+)\)|if \((\w+) == [A-Z]\w+\))/g));
  return choices.some(([, subject = '', compared = '']) => {
    const chooser = subject === '' ? compared : subject;
    return chooser !== one && parameters.includes(chooser);
  });
}

/** The registers that no enum lists which a function has another set to a value that it makes itself, each with the function that is called first. */
export function unlistedSetBy(
  model: RegisterModel,
  fn: CFunction,
): readonly { readonly register: string; readonly name: string }[] {
  const text = functionText(model, fn);
  const parameters = parameterNames(text);
  const found = model.graph.callees(fn).flatMap(({ callee, operation, offset }) =>
    argumentTexts(text, offset).flatMap((given, at) => {
      const register = parameters.includes(given) ? null : unlistedSet(model, callee, at);
      return register === null ? [] : [{ register, name: operation ?? callee.name }];
    }),
  );
  return [...new Map(found.toReversed().map((one) => [one.register, one])).values()].toReversed();
}

function only(registers: readonly string[]): string | null {
  const [first = null, another] = new Set(registers);
  return another === undefined ? first : null;
}
