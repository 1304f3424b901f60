import { hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, writtenText, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { HOST_STRUCT_VARIABLE, HOST_VARIABLES } from './stateInterfaces.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { originsOf } from './origins.js';

/** A write to what KVM lets guests enable. */
export interface MaskWrite {
  readonly register: 'XCR0' | 'XSS';
  /** `kvm_caps.supported_xcr0`, or a local variable. */
  readonly variable: string;
  readonly isLocal: boolean;
  readonly operator: string;
  /** The constant part of the value as written; '' without one. */
  readonly mask: string;
  /** The value is made of what the host has enabled. */
  readonly isOfHost: boolean;
  readonly offset: number;
  readonly guards: readonly Guard[];
  /** The statement as written. */
  readonly text: string;
}

/** KVM's variables for it: members of `struct kvm_caps` (x86.h), variables of their own before 5.17. */
const MASK_VARIABLES: ReadonlyMap<string, MaskWrite['register']> = new Map([
  ['supported_xcr0', 'XCR0'],
  ['supported_xss', 'XSS'],
]);

/** A function without one of these words writes none. */
export const MASK_WORDS = [...MASK_VARIABLES.keys(), ...HOST_VARIABLES.keys(), HOST_STRUCT_VARIABLE];

/** The writes in a function. A local counts where it begins as the host's value under a mask. */
export function maskWrites(context: FunctionContext): MaskWrite[] {
  const found: MaskWrite[] = [];
  const locals = new Map<string, MaskWrite['register']>();
  const exits = exitsOf(context);
  for (const node of context.tree.nodes) {
    if (node.type !== 'assignment_expression' && node.type !== 'init_declarator') continue;
    const [left, value] =
      node.type === 'init_declarator'
        ? [child(node, 'declarator'), child(node, 'value')]
        : [child(node, 'left'), child(node, 'right')];
    if (!left || !value || context.tree.isRepeated(node.start)) continue;
    const variable = textOf(context, left);
    const { register: host, mask } = maskedHost(context, value);
    const isLocal = context.tree.variables.has(variable);
    if (isLocal && host && mask !== '') locals.set(variable, host);
    const register = isLocal ? locals.get(variable) : MASK_VARIABLES.get(/\w+$/.exec(variable)?.[0] ?? '');
    if (!register) continue;
    found.push({
      register,
      variable,
      isLocal,
      operator: child(node, 'operator')?.type ?? '=',
      mask: host ? mask : writtenText(context, value),
      isOfHost: host !== null,
      offset: node.start,
      guards: guardsOf(context.tree.guards, node).filter((guard) => !hasGuard(exits, guard)),
      text: writtenText(context, node),
    });
  }
  return found;
}

/** The conditions that a function's end is under as well: where one of them fails, KVM is not set up at all. */
function exitsOf({ tree }: FunctionContext): readonly Guard[] {
  const last = tree.body.children.at(-1);
  return last ? guardsOf(tree.guards, last) : [];
}

/** The register whose host value is in a chain of `&`, and the rest of the chain as written. */
function maskedHost(context: FunctionContext, value: CNode): { register: MaskWrite['register'] | null; mask: string } {
  const parts = conjuncts(bareExpression(value));
  const host = parts.map((part) => hostRegister(context, part));
  return {
    register: host.find((register) => register !== null) ?? null,
    mask: parts
      .filter((_, i) => host[i] === null)
      .map((part) => `(${constantText(context, part)})`)
      .join(' & '),
  };
}

/** A part of a mask as written; of a local variable that is given one value, that value. */
function constantText(context: FunctionContext, part: CNode): string {
  const [only, another] = part.type === 'identifier' ? reachingDefinitions(context.tree, part).found : [];
  return writtenText(context, only && !another && only.guards.length === 0 ? only.value : part);
}

function conjuncts(node: CNode): CNode[] {
  if (node.type !== 'binary_expression' || child(node, 'operator')?.type !== '&') return [node];
  return ['left', 'right'].flatMap((field) => {
    const side = child(node, field);
    return side ? conjuncts(bareExpression(side)) : [];
  });
}

function hostRegister(context: FunctionContext, node: CNode): MaskWrite['register'] | null {
  const [only, more] = originsOf(context, node);
  if (!only || more || only.origin.kind !== 'place' || !only.origin.isHost) return null;
  const { state } = only.origin;
  return state === 'XCR0' || state === 'XSS' ? state : null;
}
