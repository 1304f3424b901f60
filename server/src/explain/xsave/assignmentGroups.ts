import type { Place } from '../../backends/place.js';
import { groupBy } from '../../model/groupBy.js';
import { ioctlsOf } from '../../model/xsave/componentUse.js';
import { MESSAGE_PREFIX } from '../../facts/xsave/stateInterfaces.js';
import type { Step, XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import { hasGuard, shownGuard } from '../../syntax/conditions/guard.js';
import { evidenceOf } from '../evidence.js';
import { code, joinPhrases, statement, type Evidence, type Phrase, type Statement } from '../explanation.js';
import { PHASE_WORDS, type Words } from '../words.js';

/** What one function does at one time. */
interface AssignmentGroup {
  readonly time: string;
  readonly first: XsaveAssignment;
  readonly assignments: readonly XsaveAssignment[];
}

/** Groups assignments by when and in which function they are done, in their order. */
export function assignmentGroups(assignments: readonly XsaveAssignment[]): AssignmentGroup[] {
  const groups = groupBy(assignments, (at) => `${timeOf(at)} ${at.file} ${at.function}`);
  return [...groups.values()].flatMap((own) =>
    own.slice(0, 1).map((first) => ({ time: timeOf(first), first, assignments: own })),
  );
}

/** The first groups, a statement each, and how many more there are. `spokenOf`: the function that the reader looks at. */
export function groupStatements(
  words: Words,
  groups: readonly AssignmentGroup[],
  most: number,
  spokenOf: string | null = null,
): Statement[] {
  const left = groups.length - most;
  return [
    ...groups.slice(0, most).map((group) => groupStatement(words, group, spokenOf)),
    ...(left > 0 ? [statement([`${String(left)} more: `, code('kvm-regs xsave')])] : []),
  ];
}

/** Assignments that a line has room for. */
const MOST_ASSIGNMENTS = 3;

/** Callers that a line has room for. */
const MOST_CALLERS = 2;

/** `After VM-exit: PKRU -> arch.pkru, arch.host_pkru -> PKRU, kvm_load_host_pkru`; without the function where it is spoken of. */
export function groupStatement(words: Words, group: AssignmentGroup, spokenOf: string | null = null): Statement {
  const byPlaces = new Map(
    group.assignments.map((at) => [`${placeName(words, at.from)} ${placeName(words, at.to)}`, at]),
  );
  const shown = [...byPlaces.values()].slice(0, MOST_ASSIGNMENTS);
  const more = byPlaces.size - shown.length;
  const calls = new Map(shown.flatMap(directCallers).map((call) => [call.function, call]));
  const callers = [...calls.values()].slice(0, MOST_CALLERS);
  return statement(
    [
      `${group.time}: `,
      ...shown.flatMap((at, i) => [...(i === 0 ? [] : [', ']), ...assignmentPhrases(words, at)]),
      ...(more > 0 ? [` and ${String(more)} more`] : []),
      ...(group.first.function === spokenOf ? [] : [', ', code(group.first.function)]),
      ...(callers.length > 0 ? [', called by ', ...joinPhrases(callers.map((caller) => code(caller.function)))] : []),
    ],
    [...distinctLines(shown), ...callers.map(evidenceOf)],
  );
}

/** The calls of the function that does an assignment. */
export function directCallers({ callers, function: name }: XsaveAssignment): Step[] {
  return callers.filter(({ callee }) => callee === name);
}

/** Where assignments are, each line once. */
export function distinctLines(assignments: readonly XsaveAssignment[]): Evidence[] {
  return [...new Map(assignments.map((at) => [`${at.file} ${String(at.line)}`, evidenceOf(at)])).values()];
}

/** `arch.pkru -> PKRU`; `shown` is how a place's name is written. */
export function assignmentPhrases(
  words: Words,
  { from, to, other }: XsaveAssignment,
  shown: (name: string) => string = (name) => name,
): Phrase[] {
  const phraseOf = (place: Place): Phrase =>
    place.kind === 'hardware' ? place.name : code(shown(placeName(words, place)));
  return [from ? phraseOf(from) : valuePhrase(other), ' -> ', phraseOf(to)];
}

/** A place as its own table names it; a protected guest's with the table; '' for none. */
export function placeName(words: Words, place: Place | null): string {
  return place ? words.areaPrefix(place.kind) + place.name : '';
}

/** Characters of a value that a line has room for. */
const LONGEST_VALUE = 40;

function valuePhrase(value: string): Phrase {
  if (value === '') return 'a constant';
  return code(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value);
}

/** When an assignment is done: for userspace, by which ioctl. */
export function timeOf(assignment: XsaveAssignment): string {
  if (assignment.isOncePerRun) return 'Once a KVM_RUN';
  if (assignment.initiators.length > 0) return accessTime(assignment);
  if (assignment.side !== 'userspace') return PHASE_WORDS[assignment.phase].title;
  const ioctls = assignment.from === null ? [] : ioctlsOf(assignment);
  return ioctls.length > 0 ? ioctls.join(', ') : 'Userspace';
}

/** Who reads or writes an MSR: userspace, or the guest where it exits. */
function accessTime({ to, initiators }: XsaveAssignment): string {
  const names = to.name.startsWith(MESSAGE_PREFIX)
    ? { userspace: 'KVM_GET_MSRS', guest: "the guest's RDMSR" }
    : { userspace: 'KVM_SET_MSRS', guest: "the guest's WRMSR" };
  return initiators.map((own) => names[own]).join(', ');
}

const LONGEST_CONDITION = 60;
const MOST_CONDITIONS = 3;

/** The conditions that all of some assignments are under, as the end of a sentence: `, only if A and B`; nothing without any. */
export function commonConditionPhrases([first, ...others]: readonly XsaveAssignment[]): Phrase[] {
  const common = (first?.conditions ?? []).filter(
    (guard) =>
      shownGuard(guard).length <= LONGEST_CONDITION && others.every(({ conditions }) => hasGuard(conditions, guard)),
  );
  const shown = joinPhrases(
    common.slice(-MOST_CONDITIONS).map((guard) => code(shownGuard(guard))),
    ' and ',
  );
  return common.length === 0 ? [] : [', only if ', ...shown];
}

/** The same as a sentence of its own: `Only if A and B`; null without any. */
export function commonConditions(assignments: readonly XsaveAssignment[]): Statement | null {
  const [, ...shown] = commonConditionPhrases(assignments);
  return shown.length === 0 ? null : statement(['Only if ', ...shown]);
}
