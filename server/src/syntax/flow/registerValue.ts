import { addForms, sameForm, type LinearForm } from '../assembler/expression.js';
import type { Gpr } from '../x86/registers.js';

/** What a register or a stack slot holds. */
export type RegisterValue =
  /** The function's n-th argument, counted from 1, which came in `gpr`. */
  | { readonly kind: 'argument'; readonly index: number; readonly gpr: Gpr }
  /** What `gpr` held when the function began. */
  | { readonly kind: 'host'; readonly gpr: Gpr }
  /** What `gpr` held right after VM-exit. */
  | { readonly kind: 'guest'; readonly gpr: Gpr }
  /** A C expression, given to an `asm()` statement. */
  | { readonly kind: 'operand'; readonly expression: string }
  /** The stack pointer when the function began. */
  | { readonly kind: 'stack' }
  /** base + displacement */
  | { readonly kind: 'address'; readonly base: RegisterValue; readonly displacement: LinearForm }
  /** Read from memory at base + displacement. */
  | {
      readonly kind: 'loaded';
      readonly base: RegisterValue;
      readonly displacement: LinearForm | null;
      readonly load: number;
    }
  | { readonly kind: 'unknown' };

export const UNKNOWN: RegisterValue = { kind: 'unknown' };

/** base + displacement as one value. */
export function addressOf(base: RegisterValue, displacement: LinearForm | null): RegisterValue {
  if (!displacement || base.kind === 'unknown') return UNKNOWN;
  if (base.kind === 'address') return addressOf(base.base, addForms(base.displacement, displacement));
  const isNothing = displacement.constant === 0 && displacement.symbols.size === 0;
  return isNothing ? base : { kind: 'address', base, displacement };
}

/** Whether two values are known to be the same. */
export function sameValue(left: RegisterValue, right: RegisterValue): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case 'argument':
    case 'host':
    case 'guest':
      return right.kind === left.kind && right.gpr === left.gpr;
    case 'operand':
      return right.kind === 'operand' && right.expression === left.expression;
    case 'stack':
      return right.kind === 'stack';
    case 'address':
      return (
        right.kind === 'address' && sameValue(left.base, right.base) && sameForm(left.displacement, right.displacement)
      );
    case 'loaded':
      return right.kind === 'loaded' && left.load === right.load;
    case 'unknown':
      return right.kind === 'unknown';
  }
}
