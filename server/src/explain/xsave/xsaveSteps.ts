import { conditionKey } from '../../syntax/conditions/condition.js';
import {
  distinctGuards,
  guardParts,
  shownConjunct,
  shownConjuncts,
  type Guard,
} from '../../syntax/conditions/guard.js';
import { withoutFailures } from '../conditionsText.js';
import { evidenceText } from '../explanation.js';
import { wordsOf } from '../words.js';
import { isAroundEntry, xsaveAssignments } from '../../model/query/xsaveAssignments.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { placeName } from './assignmentGroups.js';
import { withSlotRuns } from './slotRuns.js';
import { inOrder } from '../../model/xsave/order.js';
import type { Step, XsaveModel, XsaveAssignment } from '../../model/xsave/xsaveModel.js';

/** A transfer in words. */
export interface StepText {
  /** Whose value; for userspace's, the ioctl that copies it, or the MSR that is read or written. */
  readonly side: string;
  /** `arch.xcr0 -> XCR0` */
  readonly what: string;
  /** `kvm_load_xfeatures [x86.c:1032]` */
  readonly where: string;
  /** Who calls that: `vcpu_enter_guest [x86.c:10945]`; '' where it is the function itself. */
  readonly by: string;
  /** What it calls in the FPU core, down to the instruction or the copy; '' for nothing. */
  readonly through: string;
  /** The conditions joined by `&&`; '' without any. */
  readonly guards: string;
}

/** Transfers of one moment, in the order in which they happen. */
export interface Section {
  readonly title: string;
  readonly steps: readonly StepText[];
}

/** What happens when: around VM-entry first, then less often. */
export function sections(model: RegisterModel): Section[] {
  const all = withSlotRuns(model, [...xsaveAssignments(model)].sort(inOrder));
  const around = (t: XsaveAssignment) => t.from !== null && isAroundEntry(model, t);
  const rules: readonly (readonly [string, (t: XsaveAssignment) => boolean])[] = [
    ['Before VM-entry', (t) => t.phase === 'vm-entry' && (t.from === null || around(t))],
    ['After VM-exit', (t) => t.phase === 'vm-exit' && (around(t) || isConstantToHardware(t))],
    ["While an exit is handled: the guest's own XSETBV, WRMSR, VMGEXIT", (t) => t.phase === 'vm-exit'],
    ['While an instruction is emulated', (t) => t.phase === 'emulation'],
    ['Set to be loaded by VM-entry and VM-exit themselves', (t) => t.phase === 'set'],
    ['Once a KVM_RUN', (t) => t.isOncePerRun],
    ['When an MSR is written, by KVM_SET_MSRS or by the guest', (t) => isSwap(t) && isMsrAccess(t)],
    ['In other ioctls', isSwap],
    ['To and from userspace', (t) => t.side === 'userspace'],
    ['At launch of a protected guest', (t) => t.phase === 'launch'],
    ['At RESET and INIT', (t) => t.phase === 'reset'],
    ['At other times', () => true],
  ];
  let left: readonly XsaveAssignment[] = all;
  return rules.flatMap(([title, isOne]) => {
    const steps = left.filter(isOne);
    left = left.filter((t) => !isOne(t));
    return steps.length > 0 ? [{ title, steps: steps.map((t) => stepText(model, t)) }] : [];
  });
}

function isConstantToHardware(t: XsaveAssignment): boolean {
  return t.from === null && t.to.kind === 'hardware';
}

function isSwap(t: XsaveAssignment): boolean {
  return t.phase === 'ioctl' && t.side !== 'userspace' && (t.to.kind === 'hardware' || t.from?.kind === 'hardware');
}

/** Whether a transfer is done for an access to an MSR, which userspace and the guest write by the same code. */
function isMsrAccess({ conditions }: XsaveAssignment): boolean {
  return accessNamed(conditions)?.startsWith('MSR_') ?? false;
}

function stepText(model: RegisterModel, t: XsaveAssignment): StepText {
  const words = wordsOf(model);
  const named = t.side === 'userspace' ? accessNamed(t.conditions) : null;
  return {
    side: named ?? t.side,
    what: `${t.from ? placeName(words, t.from) : t.other} -> ${placeName(words, t.to)}`,
    where: `${t.function} ${evidenceText(t)}`,
    by: t.callers.map(callText).join(', '),
    through: t.through.map(callText).join(' > '),
    guards: conditionTexts(model.xsave, t)
      .filter((text) => text !== `case ${named ?? ''}`)
      .join(' && '),
  };
}

/** The ioctl or the MSR whose case some code is; null for none. */
function accessNamed(guards: readonly Guard[]): string | null {
  const labels = guards.flatMap((guard) => (guard.kind === 'case' && guard.labels.length === 1 ? guard.labels : []));
  return labels.find((label) => /^(?:KVM|MSR)_\w+$/.test(label ?? '')) ?? null;
}

function callText(step: Step): string {
  return `${step.function} ${evidenceText(step)}`;
}

/** A transfer's conditions; the rules for a new XCR0, which are listed on their own, by name. */
function conditionTexts(model: XsaveModel, t: XsaveAssignment): string[] {
  const rules = model.rules.filter((rule) => rule.function === t.function);
  const isRule = (guard: Guard) =>
    guard.kind !== 'case' && rules.some(({ refused }) => conditionKey(refused) === conditionKey(guard.condition));
  const own = t.conditions.filter((guard) => !isRule(guard));
  const told = withoutFailures(own);
  const parts = distinctGuards(told.flatMap(guardParts));
  const others = [
    ...(own.length < t.conditions.length ? [`${t.function}'s rules`] : []),
    ...(told.length < own.length ? ['no earlier step has failed'] : []),
  ];
  return others.length > 0 ? [...parts.map(shownConjunct), ...others] : shownConjuncts(parts);
}
