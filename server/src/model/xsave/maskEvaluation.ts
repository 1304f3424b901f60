import { siteAt, type ComponentFacts, type Site } from '../../facts/xsave/componentFacts.js';
import type { MaskBranch, MaskExpression, MaskStep, ParameterPart } from '../../facts/xsave/maskExpression.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { MaskFunction } from './maskFunctions.js';
import { both, complement, either, EVERY, exactly, NOT_KNOWN, oneOf, possible, type MaskValue } from './maskValue.js';

/** What a step of the computation adds to a set or takes out of it. */
export interface MaskChange extends Site {
  readonly function: string;
  /** The statement as written. */
  readonly text: string;
  readonly guards: readonly Guard[];
  readonly added: bigint;
  readonly cleared: bigint;
  /** Of what one guest may have of the set: the variable that holds that. */
  readonly variable?: string;
}

/** A set, and the conditional steps that it has come about by. */
export interface Evaluated {
  readonly value: MaskValue;
  readonly changes: readonly MaskChange[];
}

/** What expressions are evaluated with. */
export interface MaskScope {
  readonly facts: ComponentFacts;
  /** The functions that may return a mask, by name. */
  readonly functions: ReadonlyMap<string, readonly MaskFunction[]>;
  /** Whether what is under some conditions never happens where the set is asked for: on another vendor's CPUs. */
  readonly isLeftOut: (guards: readonly Guard[]) => boolean;
}

/** Where an expression stands: its function, what that is given, and how many calls deep it is. */
export interface MaskFrame {
  readonly fn: MaskFunction;
  readonly given: readonly MaskArgument[];
  readonly depth: number;
}

/** What a function is given, and where that stands. */
export interface MaskArgument {
  readonly frame: MaskFrame;
  readonly expression: MaskExpression;
}

/** Calls that a mask is followed through. */
const DEEPEST = 4;

/** The set that an expression is. */
export function evaluate(scope: MaskScope, frame: MaskFrame, expression: MaskExpression): Evaluated {
  switch (expression.kind) {
    case 'constant':
      return constant(scope, expression.text);
    case 'host':
      // What the host has enabled: KVM's own mask says which of that.
      return known(exactly(EVERY));
    case 'parameter': {
      const given = givenPart(frame, expression);
      return given ? evaluate(scope, given.frame, given.expression) : known(NOT_KNOWN);
    }
    case 'object':
      return known(NOT_KNOWN);
    case 'bit':
      return known(bitValue(scope, frame, expression.part));
    case 'not': {
      const { value, changes } = evaluate(scope, frame, expression.part);
      const swapped = changes.map((change) => ({ ...change, added: change.cleared, cleared: change.added }));
      return { value: complement(value), changes: swapped };
    }
    case 'and':
    case 'or': {
      const parts = expression.parts.map((part) => evaluate(scope, frame, part));
      const join = expression.kind === 'and' ? both : either;
      const values = parts.map(({ value }) => value);
      return { value: values.reduce(join), changes: parts.flatMap(({ changes }) => changes) };
    }
    case 'choice':
      return choice(scope, frame, expression.values);
    case 'steps':
      return expression.steps.reduce<Evaluated>(
        (before, step) => afterStep(scope, frame, before, step),
        known(NOT_KNOWN),
      );
    case 'call':
      return called(scope, frame, expression);
  }
}

/** The component whose number an expression is, where what the function is given or a local says it. */
function bitValue(scope: MaskScope, frame: MaskFrame, number: MaskExpression): MaskValue {
  switch (number.kind) {
    case 'constant': {
      const bit = scope.facts.bitsOf(number.text);
      return bit !== null && bit >= 0n && bit < 64n ? exactly(1n << bit) : NOT_KNOWN;
    }
    case 'parameter': {
      const given = givenPart(frame, number);
      return given ? bitValue(scope, given.frame, given.expression) : NOT_KNOWN;
    }
    case 'steps': {
      const [only, another] = number.steps;
      const isFixed = only?.operator === '=' && only.guards.length === 0 && !another;
      return isFixed ? bitValue(scope, frame, only.value) : NOT_KNOWN;
    }
    default:
      return NOT_KNOWN;
  }
}

/** What a constant expression is: where macros have a definition for one configuration and for another, each under its conditions. */
function constant({ facts }: MaskScope, text: string): Evaluated {
  const ways = facts.waysOf(text).map((way) => ({
    ...way,
    value: way.bits === null ? NOT_KNOWN : exactly(way.bits & EVERY),
  }));
  const value = ways.map((way) => way.value).reduce(oneOf);
  const changes = ways.flatMap(({ value: own, guards, macro }): MaskChange[] => {
    const added = possible(own) & ~value.always & ~own.unknown;
    if (!macro || added === 0n) return [];
    const { name, ...site } = macro;
    return [{ ...site, function: name, text: name, guards, added, cleared: 0n }];
  });
  return { value, changes };
}

function known(value: MaskValue): Evaluated {
  return { value, changes: [] };
}

function choice(scope: MaskScope, frame: MaskFrame, values: readonly MaskBranch[]): Evaluated {
  const branches = values
    .filter(({ guards }) => !scope.isLeftOut(guards))
    .map((branch) => ({ branch, ...evaluate(scope, frame, branch.value) }));
  if (branches.length === 0) return known(NOT_KNOWN);
  const all = branches.map(({ value }) => value).reduce(oneOf);
  const changes = branches.flatMap(({ branch, value, changes: own }): MaskChange[] => {
    const inner = under(branch.guards, own);
    const added = possible(value) & ~all.always & ~addedBy(inner);
    return [...inner, ...(branch.guards.length === 0 ? [] : changed(frame, branch, added, 0n))];
  });
  return { value: all, changes };
}

/** Changes that come about under further conditions. */
function under(guards: readonly Guard[], changes: readonly MaskChange[]): readonly MaskChange[] {
  return guards.length === 0
    ? changes
    : changes.map((change) => ({ ...change, guards: unionGuards(guards, change.guards) }));
}

function addedBy(changes: readonly MaskChange[]): bigint {
  return changes.reduce((all, { added }) => all | added, 0n);
}

/** A set after an assignment to it. */
export function afterStep(scope: MaskScope, frame: MaskFrame, before: Evaluated, step: MaskStep): Evaluated {
  if (scope.isLeftOut(step.guards)) return before;
  if (step.operator === '()') return afterCall(scope, frame, before, step);
  if (step.operator === '&=' && step.value.kind === 'choice') return afterChoice(scope, frame, before, step);
  const right = evaluate(scope, frame, step.value);
  const assigned = applied(step.operator, before.value, right.value);
  const isReplaced = step.operator === '=' && step.guards.length === 0;
  const value = step.guards.length === 0 ? assigned : oneOf(before.value, assigned);
  const inner = under(step.guards, right.changes);
  const added = possible(assigned) & ~possible(before.value) & ~assigned.unknown & ~addedBy(inner);
  const cleared = possible(before.value) & ~possible(assigned);
  const own = step.guards.length > 0 ? changed(frame, step, added, cleared) : [];
  return { value, changes: [...(isReplaced ? [] : before.changes), ...inner, ...own] };
}

/** A set after `x &= c ? A : B`, which is `if (c) x &= A; else x &= B;`: told by what a branch takes out. */
function afterChoice(scope: MaskScope, frame: MaskFrame, before: Evaluated, step: MaskStep): Evaluated {
  const branches = step.value.kind === 'choice' ? step.value.values : [];
  const all = branches.map((branch) =>
    afterStep(
      scope,
      frame,
      { value: before.value, changes: [] },
      {
        ...step,
        ...branch,
        guards: [...step.guards, ...branch.guards],
      },
    ),
  );
  return {
    value: all.map(({ value }) => value).reduce(oneOf, before.value),
    changes: [...before.changes, ...all.flatMap(({ changes }) => changes)],
  };
}

function applied(operator: string, before: MaskValue, right: MaskValue): MaskValue {
  if (operator === '=') return right;
  if (operator === '|=') return either(before, right);
  return operator === '&=' ? both(before, right) : NOT_KNOWN;
}

/** A change as it is told, of a step that has one. */
export function changed(
  { fn }: MaskFrame,
  { offset, text, guards }: Pick<MaskBranch, 'offset' | 'text' | 'guards'>,
  added: bigint,
  cleared: bigint,
): MaskChange[] {
  const site = siteAt(fn.source, fn.start + offset);
  return added === 0n && cleared === 0n ? [] : [{ ...site, function: fn.name, text, guards, added, cleared }];
}

/** A set after a call that is given its address: after what the function does to it; not known of one that the tree does not show. */
function afterCall(scope: MaskScope, frame: MaskFrame, before: Evaluated, step: MaskStep): Evaluated {
  const call = step.value.kind === 'call' ? step.value : null;
  const inner = call ? frameOfCall(scope, frame, call) : null;
  if (!inner || !step.argument) return known(NOT_KNOWN);
  return stepsOn(scope, inner, step.argument).reduce<Evaluated>(
    (set, { frame: own, step: one }) => afterStep(scope, own, set, { ...one, guards: [...step.guards, ...one.guards] }),
    before,
  );
}

/** A step on a set, with the function that it is in. */
interface FramedStep {
  readonly frame: MaskFrame;
  readonly step: MaskStep;
}

/** What a function does to a part of what it is given, itself and by what it hands that on to, in the order of the text. */
export function stepsOn(scope: MaskScope, frame: MaskFrame, { index, path }: ParameterPart): FramedStep[] {
  const { written, calls } = frame.fn;
  const own = written
    .filter(({ target }) => target.index === index && target.path === path)
    .map((step): FramedStep => ({ frame, step }));
  const further = calls.flatMap((call): FramedStep[] => {
    const at = call.arguments.findIndex((one) => one.kind === 'parameter' && one.index === index && one.path === '');
    if (at < 0) return [];
    const inner = frameOfCall(scope, frame, call);
    const steps = inner ? stepsOn(scope, inner, { index: at, path }) : [{ frame, step: UNKNOWN_STEP }];
    return steps.map((one) => ({ ...one, step: { ...one.step, guards: [...call.guards, ...one.step.guards] } }));
  });
  return [...own, ...further];
}

/** What a function that the tree does not show may do to a set. */
const UNKNOWN_STEP: MaskStep = {
  operator: '=',
  value: { kind: 'constant', text: '' },
  guards: [],
  offset: 0,
  text: '',
};

/** A part of what a function is given, where that stands; null where it is not known. */
function givenPart({ given }: MaskFrame, { index, path }: ParameterPart): MaskArgument | null {
  const argument = given[index];
  if (!argument || path === '') return argument ?? null;
  const { frame, expression } = argument;
  if (expression.kind === 'object') {
    const part = expression.parts.find((one) => one.path === path);
    return part ? { frame, expression: part.value } : null;
  }
  const isHandedOn = expression.kind === 'parameter' && expression.path === '';
  return isHandedOn ? givenPart(frame, { index: expression.index, path }) : null;
}

/** The function that a call means, with what it is given; null for one that the tree does not show, or shows twice. */
export function frameOfCall(
  { functions }: MaskScope,
  frame: MaskFrame,
  call: { readonly callee: string; readonly arguments: readonly MaskExpression[] },
): MaskFrame | null {
  const all = functions.get(call.callee) ?? [];
  const own = all.filter(({ source }) => source === frame.fn.source);
  const [fn, another] = own.length > 0 ? own : all;
  if (!fn || another || frame.depth >= DEEPEST) return null;
  const given = call.arguments.map((expression): MaskArgument => ({ frame, expression }));
  return { fn, given, depth: frame.depth + 1 };
}

/** What a function of the tree returns; not known of one that the tree does not show. */
function called(scope: MaskScope, frame: MaskFrame, call: MaskExpression & { readonly kind: 'call' }): Evaluated {
  const inner = frameOfCall(scope, frame, call);
  return inner?.fn.returned ? evaluate(scope, inner, inner.fn.returned) : known(NOT_KNOWN);
}
