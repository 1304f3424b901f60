import { hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { textOf, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { maskStep, returnedMask, type MaskExpression, type MaskRegister, type MaskStep } from './maskExpression.js';

/** A write to what KVM lets guests enable. */
export interface MaskWrite extends MaskStep {
  readonly register: MaskRegister;
  /** `kvm_caps.supported_xcr0`, or a local variable. */
  readonly variable: string;
  readonly isLocal: boolean;
}

/** KVM's variables for it: members of `struct kvm_caps` (x86.h), variables of their own before 5.17. */
const MASK_VARIABLES: ReadonlyMap<string, MaskRegister> = new Map([
  ['supported_xcr0', 'XCR0'],
  ['supported_xss', 'XSS'],
]);

/** What a function says of masks: its writes, and the mask that it returns. */
export interface MaskFacts {
  readonly writes: readonly MaskWrite[];
  readonly returned: MaskExpression | null;
}

/** The writes in a function, and what it returns. A local counts where it begins as the host's value under a mask. */
export function maskFacts(context: FunctionContext): MaskFacts {
  const writes: MaskWrite[] = [];
  const locals = new Map<string, MaskRegister>();
  const exits = exitsOf(context);
  for (const node of context.tree.nodes) {
    const left = targetOf(node);
    if (!left || context.tree.isRepeated(node.start)) continue;
    const variable = textOf(context, left);
    const isLocal = context.tree.variables.has(variable);
    const step = maskStep(context, node, null);
    const host = isLocal ? maskedHost(step.value) : null;
    if (host) locals.set(variable, host);
    const register = isLocal ? locals.get(variable) : MASK_VARIABLES.get(/\w+$/.exec(variable)?.[0] ?? '');
    if (!register) continue;
    writes.push({
      ...step,
      guards: step.guards.filter((guard) => !hasGuard(exits, guard)),
      register,
      variable,
      isLocal,
    });
  }
  return { writes, returned: returnedMask(context) };
}

/** What a node assigns to; null for one that assigns nothing. */
function targetOf(node: CNode): CNode | null {
  if (node.type === 'init_declarator') return child(node, 'value') ? (child(node, 'declarator') ?? null) : null;
  return node.type === 'assignment_expression' ? (child(node, 'left') ?? null) : null;
}

/** The conditions that a function's end is under as well: where one of them fails, KVM is not set up at all. */
function exitsOf({ tree }: FunctionContext): readonly Guard[] {
  const last = tree.body.children.at(-1);
  return last ? guardsOf(tree.guards, last) : [];
}

/** The register whose host value stands in a chain of `&` with something else. */
function maskedHost(value: MaskExpression): MaskRegister | null {
  if (value.kind !== 'and') return null;
  const [host] = value.parts.flatMap((part) => (part.kind === 'host' ? [part.register] : []));
  return host ?? null;
}
