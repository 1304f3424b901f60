import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';
import { VCPU_STRUCT } from '../symbols/cacheNames.js';
import { msr } from './hardwareAccess.js';
import { initializerOf, memberAssignments } from './memberAssignments.js';
import { originAt, originsOf, type GuardedOrigin } from './origins.js';
import { movesBetween, type StateMove } from './stateMove.js';
import { ARCH_FIELDS, type ControlState, type StateRegister } from './stateInterfaces.js';

/*
 * KVM's own writes of a guest's MSR: by a function that is given the MSR and a value, or its message of such an access; and the
 * areas of MSRs that VM-entry and VM-exit load.
 */

/** The moves that a call is which gives a guest's MSR a value; none of any other. */
export function guestMsrWrites(context: FunctionContext, call: CNode): StateMove[] {
  const given = argumentsOf(call);
  const at = given.findIndex((argument) => msr(context, argument) !== null);
  const register = msr(context, given[at]);
  const value = given[at + 1];
  if (!register || !value) return messageWrites(context, call);
  const isOwn = isMsrWrite(context, call) && structOf(context, given[at - 1] ?? call) === VCPU_STRUCT;
  if ((isOwn && isConstant(context, value)) || isFromGhcb(context, value))
    return cacheWrite(context, call, register, value);
  const host = given[at + 2];
  return host ? loadAreas(context, call, register, [value, host]) : [];
}

/** KVM's functions that write an MSR of a vCPU, by what they are called: `kvm_msr_write`, `__kvm_set_msr`. */
function isMsrWrite(context: FunctionContext, call: CNode): boolean {
  return /msr_write|set_msr|write_msr/.test(calleeName(context, call));
}

/** Whether a value comes from no place: what KVM itself sets, at reset. */
function isConstant(context: FunctionContext, value: CNode): boolean {
  return originsOf(context, value).length === 0;
}

function isFromGhcb(context: FunctionContext, value: CNode): boolean {
  return originsOf(context, value).some(({ origin }) => origin.kind === 'place' && origin.place.kind === 'ghcb');
}

/** A write of KVM's copy of the guest's value of an MSR, where KVM has one. */
function cacheWrite(context: FunctionContext, call: CNode, { state }: StateRegister, value: CNode): StateMove[] {
  return [...ARCH_FIELDS]
    .filter(([, field]) => field.state === state && field.owner === 'guest')
    .flatMap(([name]) => {
      const target: GuardedOrigin = { origin: originAt('cache', `arch.${name}`, state), guards: [] };
      return movesBetween(context, call, { targets: [target], value, state });
    });
}

/** KVM's struct of an access to an MSR (asm/kvm_host.h). */
const MESSAGE_STRUCT = 'msr_data';

/** The write that a message of the function's own asks for: `struct msr_data msr = { .index = MSR_IA32_XSS, .data = 0 }`. */
function messageWrites(context: FunctionContext, call: CNode): StateMove[] {
  if (!isMsrWrite(context, call)) return [];
  return argumentsOf(call).flatMap((argument) => {
    const name = textOf(context, bareExpression(argument)).replace(/^&\s*/, '');
    if (context.tree.variables.get(name) !== MESSAGE_STRUCT) return [];
    const [index, value] = ['index', 'data'].map((member) => memberValue(context, name, member, call));
    const register = msr(context, index ?? undefined);
    return register && value && isConstant(context, value) ? cacheWrite(context, call, register, value) : [];
  });
}

/** What a member of a local struct has been given before a use, last; null for nothing. */
function memberValue(context: FunctionContext, struct: string, member: string, use: CNode): CNode | null {
  const { byStruct } = memberAssignments(context.tree);
  const assigned = (byStruct.get(struct) ?? []).findLast(({ node }) => {
    const field = child(child(node, 'left') ?? node, 'field');
    return node.end <= use.start && field !== undefined && textOf(context, field) === member;
  });
  return assigned?.value ?? initialValue(context, struct, member);
}

/** What a local struct's initializer has for a member: `.index = MSR_IA32_XSS`. */
function initialValue(context: FunctionContext, struct: string, member: string): CNode | null {
  const declarator = context.tree.nodes.find((node) => {
    const name = node.type === 'init_declarator' ? child(node, 'declarator') : undefined;
    return name !== undefined && textOf(context, name) === struct;
  });
  const list = declarator && child(declarator, 'value');
  return list ? initializerOf(context, list, member) : null;
}

/**
 * An MSR with the guest's and the host's value, given to a function in a row: it is put into the areas of MSRs that VM-entry
 * and VM-exit load (SDM vol. 3, 26.8.2 and 26.7.2), as VMX did with IA32_XSS before 4.20.
 */
function loadAreas(
  context: FunctionContext,
  call: CNode,
  { state }: StateRegister,
  [guest, host]: readonly [CNode, CNode],
): StateMove[] {
  const isPlace = (value: CNode) => originsOf(context, value).some(({ origin }) => origin.kind === 'place');
  if (!isPlace(guest) || !isPlace(host)) return [];
  return [
    ...movesBetween(context, call, { targets: [areaAt('VM-entry MSR-load area', state)], value: guest, state }),
    ...movesBetween(context, call, { targets: [areaAt('VM-exit MSR-load area', state)], value: host, state }),
  ];
}

function areaAt(name: string, state: ControlState): GuardedOrigin {
  return { origin: originAt('vmcs', name, state), guards: [] };
}
