import { addForms, constantForm, type LinearForm } from '../assembler/expression.js';
import type { Gpr } from '../x86/registers.js';
import { doubtKey, type Doubt, type Site } from './doubt.js';

/** Where a value comes from that a register or a word of memory may hold. */
export type Origin =
  /** The function's n-th argument, counted from 1, which came in `gpr`. */
  | { readonly kind: 'argument'; readonly index: number; readonly gpr: Gpr }
  /** What `gpr` held when the function began. */
  | { readonly kind: 'host'; readonly gpr: Gpr }
  /** What `gpr` held right after VM-exit. */
  | { readonly kind: 'guest'; readonly gpr: Gpr }
  /** A C expression, given to an `asm()` statement. */
  | { readonly kind: 'operand'; readonly expression: string }
  /** An address in a stack frame: bytes from the stack pointer at its beginning. The function's own frame is number -1. */
  | { readonly kind: 'stack'; readonly frame: number; readonly offset: number }
  /** The address behind a call: the number of the node in the control-flow graph. */
  | { readonly kind: 'return-address'; readonly node: number }
  | { readonly kind: 'constant'; readonly value: LinearForm }
  /** base + displacement */
  | { readonly kind: 'address'; readonly base: Origin; readonly displacement: LinearForm }
  /** A variable's address is a displacement from this: `x(%rip)`, `%gs:x`. */
  | { readonly kind: 'variables'; readonly segment: string | null }
  /** Read from memory at base + displacement by the instruction of a node; `half`: the doubt about the upper half, which is not. */
  | {
      readonly kind: 'loaded';
      readonly base: Origin;
      readonly displacement: LinearForm | null;
      readonly node: number;
      readonly half?: Doubt;
    }
  /** What a function returned. */
  | { readonly kind: 'result'; readonly callee: string }
  /** What a called function left behind in a register that calls may change. */
  | { readonly kind: 'clobbered'; readonly callee: string }
  /** What an instruction computed: of `operand`, where the instruction undoes itself (`bswap`), else of no guest's value. */
  | { readonly kind: 'computed'; readonly by: string; readonly operand: Origin | null }
  | { readonly kind: 'unknown'; readonly doubt: Doubt };

export function unknownFor(doubt: Doubt): Origin {
  return { kind: 'unknown', doubt };
}

/** Addresses in memory that is read from memory, one inside the other, that are told apart. */
const DEEPEST = 6;

/** The value at base + displacement, read by the instruction of a node. */
export function loadedFrom({ base, displacement }: Place, { node, doubt }: Site): Origin {
  if (depthOf(base) >= DEEPEST) return unknownFor({ ...doubt, kind: 'values' });
  return { kind: 'loaded', base, displacement, node };
}

function depthOf(origin: Origin): number {
  return origin.kind === 'loaded' || origin.kind === 'address' ? 1 + depthOf(origin.base) : 0;
}

/** A word of memory; a displacement that is not known is null. */
export interface Place {
  readonly base: Origin;
  readonly displacement: LinearForm | null;
}

/** The place that an address, moved by a displacement, means. */
export function placeAt(address: Origin, displacement: LinearForm | null): Place {
  if (address.kind === 'address')
    return { base: address.base, displacement: displacement && addForms(address.displacement, displacement) };
  if (address.kind === 'constant')
    return {
      base: { kind: 'variables', segment: null },
      displacement: displacement && addForms(address.value, displacement),
    };
  return { base: address, displacement };
}

/** origin + amount as one value; null stands for an amount that is not known. */
export function added(origin: Origin, amount: LinearForm | null, by: string): Origin {
  if (origin.kind === 'unknown') return origin;
  if (!amount) return { kind: 'computed', by, operand: null };
  const isNothing = amount.constant === 0 && amount.symbols.size === 0;
  if (isNothing) return origin;
  switch (origin.kind) {
    case 'constant':
      return { kind: 'constant', value: addForms(origin.value, amount) };
    case 'stack':
      return amount.symbols.size === 0
        ? { ...origin, offset: origin.offset + amount.constant }
        : { kind: 'address', base: origin, displacement: amount };
    case 'address': {
      const displacement = addForms(origin.displacement, amount);
      const isBase = displacement.constant === 0 && displacement.symbols.size === 0;
      return isBase ? origin.base : { ...origin, displacement };
    }
    default:
      return { kind: 'address', base: origin, displacement: amount };
  }
}

/** The number that an origin is; null for all but constants without symbols. */
export function numberOf(origin: Origin): number | null {
  return origin.kind === 'constant' && origin.value.symbols.size === 0 ? origin.value.constant : null;
}

export function constant(value: number): Origin {
  return { kind: 'constant', value: constantForm(value) };
}

const keys = new WeakMap<Origin, string>();

/** A text that is the same for origins that are the same. */
export function originKey(origin: Origin): string {
  const known = keys.get(origin);
  if (known !== undefined) return known;
  const key = writtenKey(origin);
  keys.set(origin, key);
  return key;
}

function writtenKey(origin: Origin): string {
  switch (origin.kind) {
    case 'argument':
    case 'host':
    case 'guest':
      return `${origin.kind} ${origin.gpr}`;
    case 'operand':
      return `operand ${origin.expression}`;
    case 'stack':
      return `stack ${String(origin.frame)} ${String(origin.offset)}`;
    case 'return-address':
      return `return-address ${String(origin.node)}`;
    case 'constant':
      return `constant ${formKey(origin.value)}`;
    case 'address':
      return `(${originKey(origin.base)})+${formKey(origin.displacement)}`;
    case 'variables':
      return `variables ${origin.segment ?? ''}`;
    case 'loaded':
      return `loaded ${String(origin.node)} ${placeKey(origin)}`;
    case 'result':
    case 'clobbered':
      return `${origin.kind} ${origin.callee}`;
    case 'computed':
      return `computed ${origin.by} ${origin.operand ? originKey(origin.operand) : ''}`;
    case 'unknown':
      return `unknown ${doubtKey(origin.doubt)}`;
  }
}

/** A text that is the same for places that are known to be the same. */
export function placeKey({ base, displacement }: Place): string {
  return `${originKey(base)}+${displacement ? formKey(displacement) : '?'}`;
}

function formKey({ symbols, constant: number }: LinearForm): string {
  if (symbols.size === 0) return String(number);
  const names = Array.from(symbols, ([name, count]) => `${String(count)}*${name}`).sort();
  return `${names.join('+')}+${String(number)}`;
}

/** What a register or a word of memory may hold: one of these. */
export type OriginSet = readonly Origin[];

/** Origins in one set; no world switch has as many that matter. */
const MOST_ORIGINS = 12;

/** What may be held where two ways meet: what either brings. Too many are one doubt, beside the guest's values. */
export function union(left: OriginSet, right: OriginSet, doubt: Doubt): OriginSet {
  if (left === right || right.length === 0) return left;
  if (left.length === 0) return right;
  const isFull = left.some(isTooMany);
  const more = right.filter((origin) => !has(left, origin) && (!isFull || origin.kind === 'guest'));
  if (more.length === 0) return left;
  const all = [...left, ...more];
  if (!isFull && all.length <= MOST_ORIGINS && !more.some(isTooMany)) return all;
  const marker = all.find(isTooMany) ?? unknownFor({ ...doubt, kind: 'values' });
  return [...all.filter(({ kind }) => kind === 'guest'), marker];
}

function has(values: OriginSet, origin: Origin): boolean {
  return values.some((own) => own === origin || (own.kind === origin.kind && originKey(own) === originKey(origin)));
}

function isTooMany(origin: Origin): boolean {
  return origin.kind === 'unknown' && origin.doubt.kind === 'values';
}

/** Whether a value may be the guest's or one of the register cache, so that what is computed of it is not known to be another. */
export function mayMatter({ kind }: Origin): boolean {
  return kind === 'guest' || kind === 'loaded' || kind === 'unknown';
}
