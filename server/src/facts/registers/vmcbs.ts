import { placeTables } from '../../backends/registry.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { hasGuard } from '../../syntax/conditions/guard.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  rootOf,
  textOf,
  type FunctionContext,
} from '../source/expressions.js';
import { holdsVcpu, structOf } from '../source/expressionTypes.js';
import { guardsOf } from '../source/guards.js';
import { accessOf } from '../source/objectAccess.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { trailStart, trailTo, type ValueTrail } from '../source/valueTrail.js';

/**
 * Which VMCB an expression is part of. `run`: one that a guest runs on, the current one or, by its name, L1's or L2's. `other`: what
 * L1 wrote for L2, KVM's copy of L1's own state while L2 runs, or the VMSA that is made of it. `parameter`: the one that callers
 * give, by the parameter's index.
 */
export type VmcbOrigin =
  | { readonly kind: 'run'; readonly which: string | null }
  | { readonly kind: 'other'; readonly name: 'vmcb12' | 'hsave' | 'vmsa' }
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'unknown' };

const UNKNOWN: VmcbOrigin = { kind: 'unknown' };

/** The kind of place that a VMCB's areas are. */
const VMCB = 'vmcb';

/** The struct that holds the areas (asm/svm.h). */
const VMCB_STRUCT = 'vmcb';

/** A VMCB, or an area of one, that a function gives to another. */
export interface GivenVmcb {
  readonly callee: string;
  /** Of the call. */
  readonly offset: number;
  /** Which argument it is (0-based). */
  readonly argument: number;
  readonly origin: VmcbOrigin;
}

/** The VMCBs, and areas of one, that a function gives to others by their names. */
export function givenVmcbs(context: FunctionContext): GivenVmcb[] {
  const { nodes, isRepeated } = context.tree;
  return nodes.flatMap((node): GivenVmcb[] => {
    const callee = node.type === 'call_expression' && !isRepeated(node.start) ? calleeName(context, node) : '';
    if (callee === '') return [];
    return argumentsOf(node).flatMap((given, argument) => {
      const origin = givenVmcb(context, given);
      return origin ? [{ callee, offset: node.start, argument, origin }] : [];
    });
  });
}

/** Which VMCB an argument of a call is, or is an area of; null for an argument that is none. */
function givenVmcb(context: FunctionContext, argument: CNode): VmcbOrigin | null {
  const struct = structOf(context, argument);
  if (struct === null || struct === '') return null;
  const isArea = placeTables(context.symbols.backends).structs.get(struct)?.kind === VMCB;
  return isArea || struct === VMCB_STRUCT ? vmcbOf(context, argument) : null;
}

/** Which VMCB an expression is part of, or points to: by names that say it in every era, and by where it is from. */
export function vmcbOf(context: FunctionContext, expression: CNode, trail: ValueTrail = trailStart()): VmcbOrigin {
  const named = namedVmcb(textOf(context, expression));
  if (named) return named;
  const root = rootOf(expression);
  if (holdsVcpu(context, root)) return isOfVmcb(context, expression) ? { kind: 'run', which: null } : UNKNOWN;
  if (root.type !== 'identifier' || trail.depth > MOST_POINTERS) return UNKNOWN;
  const { found } = reachingDefinitions(context.tree, root);
  if (found.length > 0)
    return oneOrigin(
      found.map(({ value }) => {
        const next = trailTo(value, trail);
        return next ? vmcbOf(context, value, next) : UNKNOWN;
      }),
    );
  const name = textOf(context, root);
  const index = context.tree.parameters.findIndex((parameter) => parameter.name === name);
  return index < 0 ? UNKNOWN : { kind: 'parameter', index };
}

/** Whether an expression is a VMCB, or a part of one, by the tree's types. A save area in another struct is a copy of whatever. */
function isOfVmcb(context: FunctionContext, expression: CNode): boolean {
  const node = bareExpression(expression);
  const base = child(node, 'argument');
  return structOf(context, node) === VMCB_STRUCT || (base !== undefined && isOfVmcb(context, base));
}

/** How far a pointer is followed through local variables. */
const MOST_POINTERS = 3;

/** The one that all are; unknown where they differ, and where there is none. */
export function oneOrigin(origins: readonly VmcbOrigin[]): VmcbOrigin {
  const [first, ...others] = origins;
  return first && others.every((other) => originKey(other) === originKey(first)) ? first : UNKNOWN;
}

function originKey(origin: VmcbOrigin): string {
  return JSON.stringify(origin);
}

/** What an expression's text says of which VMCB it is (svm/nested.c, svm/sev.c). */
function namedVmcb(text: string): VmcbOrigin | null {
  const which = /vmcb0[12]/.exec(text)?.[0];
  if (which !== undefined) return { kind: 'run', which };
  // A page of the guest's memory that KVM maps (kmap(), nested_svm_map()) is vmcb12.
  if (/vmcb12|nested_?vmcb|nested\w*\.(?:save|ctl)\b|\bhva$|^\(?\w*map\(/.test(text))
    return { kind: 'other', name: 'vmcb12' };
  const other = /\b(hsave|vmsa)\b/.exec(text)?.[1];
  if (other !== undefined) return { kind: 'other', name: other === 'hsave' ? 'hsave' : 'vmsa' };
  // The vCPU's member, in a tree whose header with the type is absent.
  return /(?:->|\.)vmcb\b/.test(text) ? { kind: 'run', which: null } : null;
}

/**
 * Whether a member of a save area is set to be copied: the function copies all of the area to a VMSA behind that, as a tree
 * does in which both have one struct.
 */
export function isCopiedToVmsa(context: FunctionContext, member: CNode, area: CNode): boolean {
  if (accessOf(context, member) !== 'write') return false;
  const written = areaText(context, area);
  const guards = guardsOf(context.tree.guards, member);
  return context.tree.nodes.some((node) => {
    if (
      node.start < member.end ||
      node.type !== 'call_expression' ||
      !/^mem(?:cpy|move)$/.test(calleeName(context, node))
    )
      return false;
    const [to, from] = argumentsOf(node);
    if (!to || !from || areaText(context, from) !== written) return false;
    const target = vmcbOf(context, to);
    const isVmsa = target.kind === 'other' && target.name === 'vmsa';
    return isVmsa && guardsOf(context.tree.guards, node).every((guard) => hasGuard(guards, guard));
  });
}

/** An area as written, a local pointer to it as what it was set to. */
function areaText(context: FunctionContext, area: CNode): string {
  const node = bareExpression(area);
  const [only, another] = node.type === 'identifier' ? reachingDefinitions(context.tree, node).found : [];
  const target = only && !another ? bareExpression(only.value) : node;
  return textOf(context, target).replace(/^&\s*/, '').replace(/\s+/g, '');
}
