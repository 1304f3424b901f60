import { memoizeByIdentity } from '../../cache/memoize.js';
import type { GraphNode } from '../callGraph.js';
import { groupBy, groupByEach } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { ioctlsOf } from '../xsave/componentUse.js';
import {
  ALL_COMPONENTS,
  type XsaveAssignment,
  type XsaveComponent,
  type XsaveModel,
  type XsaveState,
  type XsaveTransfer,
} from '../xsave/xsaveModel.js';
import { hardwareKind } from './backends.js';

/** Every transfer of XSAVE state, and every value that KVM sets. */
export function xsaveAssignments({ xsave }: Pick<RegisterModel, 'xsave'>): readonly XsaveAssignment[] {
  return assignments(xsave);
}

const assignments = memoizeByIdentity(({ transfers, settings }: XsaveModel): readonly XsaveAssignment[] => [
  ...transfers,
  ...settings,
]);

/**
 * The assignments that are told of a state or a function: of those that KVM_RUN does and another ioctl does as well, by the same statement, KVM_RUN's.
 */
const toldAssignments = memoizeByIdentity((xsave: XsaveModel): readonly XsaveAssignment[] => {
  const keyOf = ({ file, offset, state, from, to }: XsaveAssignment) =>
    JSON.stringify([file, offset, state, from?.name, to.name]);
  const ofRuns = new Set(assignments(xsave).flatMap((at) => (at.isOncePerRun ? [keyOf(at)] : [])));
  return assignments(xsave).filter((at) => at.isOncePerRun || at.phase !== 'ioctl' || !ofRuns.has(keyOf(at)));
});

/** A control register, or a component. */
interface OwnedState {
  readonly state: XsaveState;
  /** null for a control register, and for all components together. */
  readonly component: XsaveComponent | null;
}

/** The assignments of a state by itself; a component's own only, not those of all components together. */
export function assignmentsOf(
  { xsave }: RegisterModel,
  { state }: Pick<OwnedState, 'state'>,
): readonly XsaveAssignment[] {
  return assignmentsByState(xsave).get(state) ?? [];
}

const assignmentsByState = memoizeByIdentity((xsave: XsaveModel) =>
  groupBy(toldAssignments(xsave), ({ state }) => state),
);

/**
 * The assignments that say who owns a state: its own; for a component that none of those switches, those of all components together
 * that it is part of.
 */
export function owningAssignments(model: RegisterModel, subject: OwnedState): readonly XsaveAssignment[] {
  const own = assignmentsOf(model, subject);
  const { component } = subject;
  if (component === null || own.some(({ side }) => side === 'guest')) return own;
  const all = model.xsave.transfers.filter((t) => t.state === ALL_COMPONENTS && !t.leftOut.includes(component.name));
  return [...all, ...own];
}

/** The assignments that a function is part of: those that it does, and those that go through it. */
export function assignmentsThrough({ xsave }: RegisterModel, { name, file }: GraphNode): readonly XsaveAssignment[] {
  return assignmentsByPath(xsave).get(functionKey(file, name)) ?? [];
}

const assignmentsByPath = memoizeByIdentity((xsave: XsaveModel) =>
  groupByEach(toldAssignments(xsave), (assignment) => functionKeys([assignment, ...assignment.through])),
);

/** The assignments that a function does, itself or as the first that another has do it. */
export function assignmentsDoneIn({ xsave }: RegisterModel, { name, file }: GraphNode): readonly XsaveAssignment[] {
  return assignmentsByDoer(xsave).get(functionKey(file, name)) ?? [];
}

const assignmentsByDoer = memoizeByIdentity((xsave: XsaveModel) =>
  groupByEach(toldAssignments(xsave), (assignment) => functionKeys([assignment, ...assignment.through.slice(0, 1)])),
);

/** The states whose guest's value in the register cache a function sets: by itself, or by the function that it calls for that, with its name. */
export function statesSetIn(
  { xsave }: RegisterModel,
  { name, file }: GraphNode,
): readonly { readonly state: string; readonly callee: string | null }[] {
  const key = functionKey(file, name);
  const found = (settingsByCaller(xsave).get(key) ?? []).map((at) => ({
    state: at.state,
    callee: functionKey(at.file, at.function) === key ? null : at.function,
  }));
  return [...new Map(found.map((one) => [`${one.state} ${one.callee ?? ''}`, one])).values()];
}

const settingsByCaller = memoizeByIdentity((xsave: XsaveModel) =>
  groupByEach(
    // What is read from hardware is saved, and keeps its value.
    assignments(xsave).filter(
      ({ from, to, side }) => side === 'guest' && to.kind === 'cache' && from?.kind !== 'hardware',
    ),
    (at) => functionKeys([at, ...at.callers.filter(({ callee }) => callee === at.function)]),
  ),
);

function functionKeys(places: readonly { readonly file: string; readonly function: string }[]): Set<string> {
  return new Set(places.map((at) => functionKey(at.file, at.function)));
}

function functionKey(file: string, name: string): string {
  return `${file} ${name}`;
}

/** Whether a transfer happens around VM-entry, as opposed to in the handling of an exit or at another time. */
export function isAroundEntry(model: RegisterModel, { phase, from }: XsaveTransfer): boolean {
  // What a protocol brings is a guest's request.
  return (phase === 'vm-entry' || phase === 'vm-exit') && hardwareKind(model, from.kind)?.role !== 'protocol';
}

/** The transfers that an ioctl does; none for a name that is no ioctl. */
export function transfersOfIoctl({ xsave }: RegisterModel, name: string): readonly XsaveTransfer[] {
  return transfersByIoctl(xsave).get(name) ?? [];
}

const transfersByIoctl = memoizeByIdentity(({ transfers }: XsaveModel) =>
  groupByEach(transfers, (transfer) => new Set(ioctlsOf(transfer))),
);
