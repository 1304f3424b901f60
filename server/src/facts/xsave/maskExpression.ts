import type { Guard } from '../../syntax/conditions/guard.js';

/** What a set of components is made of, as far as one function says it. */
export type MaskExpression =
  /** As written: a constant expression of masks, or what cannot be computed. */
  | { readonly kind: 'constant'; readonly text: string }
  /** What the host has enabled, in XCR0 or IA32_XSS. */
  | { readonly kind: 'host'; readonly register: MaskRegister }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly MaskExpression[] }
  | { readonly kind: 'not'; readonly part: MaskExpression }
  /** The component of a number: `BIT_ULL(nr)`. */
  | { readonly kind: 'bit'; readonly part: MaskExpression }
  /** One of some values, each under its conditions: `?:`, several `return`s. */
  | { readonly kind: 'choice'; readonly values: readonly MaskBranch[] }
  /** A local variable's value after what is done to it, in the order of the text. */
  | { readonly kind: 'steps'; readonly steps: readonly MaskStep[] }
  /** What the function is given, what that points to, or a member of that. */
  | ({ readonly kind: 'parameter' } & ParameterPart)
  /** A variable whose address, or a struct that, is handed on: what is in it at that time. */
  | { readonly kind: 'object'; readonly name: string; readonly parts: readonly ObjectPart[] }
  | { readonly kind: 'call'; readonly callee: string; readonly arguments: readonly MaskExpression[] };

/** A part of a parameter: '' its value, '*' what it points to, else the member of that name. */
export interface ParameterPart {
  readonly index: number;
  readonly path: string;
}

/** A part of a variable, named as a {@link ParameterPart}'s `path`. */
interface ObjectPart {
  readonly path: string;
  readonly value: MaskExpression;
}

export type MaskRegister = 'XCR0' | 'XSS';

interface GuardedMask {
  readonly guards: readonly Guard[];
  readonly value: MaskExpression;
}

/** A value that a set may have. */
export interface MaskBranch extends GuardedMask {
  readonly offset: number;
  /** The expression or statement as written. */
  readonly text: string;
}

/** What is done to a set of components: an assignment, or a call that is given its address. */
export interface MaskStep extends MaskBranch {
  /** `=`, `|=`, `&=`, or `()` of a call; any other makes what cannot be computed. */
  readonly operator: string;
  /** Of a call: where in what it is given the set is. */
  readonly argument?: ParameterPart;
}

/** Whether an expression is or has one that passes a test. */
export function hasPart(value: MaskExpression, isOne: (part: MaskExpression) => boolean): boolean {
  return isOne(value) || partsOf(value).some((part) => hasPart(part, isOne));
}

function partsOf(value: MaskExpression): readonly MaskExpression[] {
  switch (value.kind) {
    case 'and':
    case 'or':
      return value.parts;
    case 'choice':
      return value.values.map((one) => one.value);
    case 'steps':
      return value.steps.map((step) => step.value);
    case 'call':
      return value.arguments;
    case 'object':
      return value.parts.map((part) => part.value);
    case 'not':
    case 'bit':
      return [value.part];
    default:
      return [];
  }
}
