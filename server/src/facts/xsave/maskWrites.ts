import { hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { calleeName, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import type { MaskExpression, MaskRegister, MaskStep, ParameterPart } from './maskExpression.js';
import { bitStep, givenMasks, maskStep, returnedMask } from './maskReading.js';
import { assigned, changingNodes, maskVariable, type MaskVariable } from './maskVariable.js';

/** A write to what KVM lets guests enable, or to what the FPU core has enabled. */
export interface MaskWrite extends MaskStep {
  readonly register: MaskRegister | 'core';
  /** `kvm_caps.supported_xcr0`, or a local variable. */
  readonly variable: string;
  readonly isLocal: boolean;
}

/** A write to what one guest may enable, by its CPUID: `vcpu->arch.guest_supported_xcr0`. */
export interface VcpuMaskWrite extends MaskStep {
  readonly register: MaskRegister;
  readonly variable: string;
}

/** A write to what a function is given the address of. */
export interface GivenWrite extends MaskStep {
  readonly target: ParameterPart;
}

/** A call with what it is given. */
interface MaskCall {
  readonly callee: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
  readonly arguments: readonly MaskExpression[];
}

/** What a function says of masks: its writes, its calls, and the mask that it returns. */
export interface MaskFacts {
  readonly writes: readonly MaskWrite[];
  readonly given: readonly GivenWrite[];
  /** What it lets one guest have of that. */
  readonly ofVcpu: readonly VcpuMaskWrite[];
  readonly calls: readonly MaskCall[];
  readonly returned: MaskExpression | null;
}

/** KVM's variables for it: members of `struct kvm_caps` (x86.h), variables of their own before 5.17. */
const MASK_VARIABLES: ReadonlyMap<string, MaskRegister> = new Map([
  ['supported_xcr0', 'XCR0'],
  ['supported_xss', 'XSS'],
]);

/** A vCPU's own masks, members of the cache's struct (asm/kvm_host.h). */
export const VCPU_MASKS: ReadonlyMap<string, MaskRegister> = new Map([
  ['guest_supported_xcr0', 'XCR0'],
  ['guest_supported_xss', 'XSS'],
]);

/** What the FPU core has enabled (kernel/fpu/xstate.c): one variable up to 5.15, `struct fpu_state_config` since. */
export const CORE_VARIABLES: ReadonlySet<string> = new Set([
  'xfeatures_mask',
  'xfeatures_mask_all',
  'fpu_kernel_cfg.max_features',
]);

/** The register whose mask for guests a variable is, by its name; undefined for any other. */
export function guestMaskRegister(variable: string): MaskRegister | undefined {
  return MASK_VARIABLES.get(/\b\w+$/.exec(variable)?.[0] ?? '');
}

/** What a function says of masks, in one way through its `#if`s. */
export function maskFacts(context: FunctionContext): MaskFacts {
  const exits = exitsOf(context);
  const nodes = changingNodes(context.tree).filter((node) => !context.tree.isRepeated(node.start));
  const calls = nodes.filter(({ type }) => type === 'call_expression').map((node) => callOf(context, node));
  const steps = nodes.flatMap((node): AssignedMask[] => {
    const bit = bitStep(context, node);
    if (bit) return [{ ...bit, step: withoutExits(exits, bit.step) }];
    const target = assigned(node);
    const variable = target && maskVariable(context, target);
    return variable ? [{ variable, step: withoutExits(exits, maskStep(context, node)) }] : [];
  });
  return {
    writes: maskWrites(steps),
    given: steps.flatMap(({ variable: { name, parameter }, step }) =>
      parameter && parameter.path !== '' && !guestMaskRegister(name) ? [{ ...step, target: parameter }] : [],
    ),
    ofVcpu: steps.flatMap(({ variable: { name }, step }) => {
      const register = VCPU_MASKS.get(/\b\w+$/.exec(name)?.[0] ?? '');
      return register && !/^\w+$/.test(name) ? [{ ...step, register, variable: name }] : [];
    }),
    calls: calls.map((call) => withoutExits(exits, call)),
    returned: returnedMask(context),
  };
}

/** A step with the variable that it is on. */
interface AssignedMask {
  readonly variable: MaskVariable;
  readonly step: MaskStep;
}

/** The steps on KVM's and the FPU core's masks. A local counts where it begins as the host's value under a mask. */
function maskWrites(steps: readonly AssignedMask[]): MaskWrite[] {
  const locals = new Map<string, MaskRegister>();
  return steps.flatMap(({ variable: { name, isLocal, parameter }, step }) => {
    const host = isLocal && !parameter ? maskedHost(step.value) : null;
    if (host) locals.set(name, host);
    // A local variable of that name is none of KVM's; what a parameter points to is.
    const isShared = !isLocal || (parameter !== null && parameter.path !== '');
    const guests = isShared ? guestMaskRegister(name) : undefined;
    const register = CORE_VARIABLES.has(name) ? 'core' : (guests ?? locals.get(name));
    return register ? [{ ...step, register, variable: name, isLocal: guests === undefined && isLocal }] : [];
  });
}

/** A step or a call without the conditions that KVM is set up under at all. */
function withoutExits<S extends { readonly guards: readonly Guard[] }>(exits: readonly Guard[], step: S): S {
  return { ...step, guards: step.guards.filter((guard) => !hasGuard(exits, guard)) };
}

function callOf(context: FunctionContext, node: CNode): MaskCall {
  const guards = guardsOf(context.tree.guards, node);
  return { callee: calleeName(context, node), offset: node.start, guards, arguments: givenMasks(context, node, 0) };
}

/**
 * The conditions that the end of a function which returns an error is under as well: where one of them fails, KVM is not set up
 * at all. One that returns nothing only leaves the rest out.
 */
function exitsOf({ tree }: FunctionContext): readonly Guard[] {
  const { code, bodyStart } = tree.source;
  const last = tree.body.children.at(-1);
  return last && !/^[^(]*\bvoid\b/.test(code.slice(0, bodyStart)) ? guardsOf(tree.guards, last) : [];
}

/** The register whose host value stands in a chain of `&` with something else. */
function maskedHost(value: MaskExpression): MaskRegister | null {
  if (value.kind !== 'and') return null;
  const [host] = value.parts.flatMap((part) => (part.kind === 'host' ? [part.register] : []));
  return host ?? null;
}
