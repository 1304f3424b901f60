import { PHASE_WORDS } from '../words.js';
import type { Place } from '../../backends/place.js';
import { hasGuard, shownGuard } from '../../syntax/conditions/guard.js';
import { ioctlsOf } from '../../model/xsave/componentUse.js';
import type { Step, XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import { code, listed, statement, type Evidence, type Phrase, type Statement } from '../explanation.js';
import { evidenceOf } from '../ownerLines.js';

/** What one function does at one time. */
interface WayGroup {
  readonly time: string;
  readonly first: XsaveAssignment;
  readonly ways: readonly XsaveAssignment[];
}

/** Groups ways by when and in which function they are gone, in their order. */
export function wayGroups(ways: readonly XsaveAssignment[]): WayGroup[] {
  const groups = new Map<string, { time: string; first: XsaveAssignment; ways: XsaveAssignment[] }>();
  for (const way of ways) {
    const time = timeOf(way);
    const key = `${time} ${way.file} ${way.function}`;
    const known = groups.get(key);
    if (known) known.ways.push(way);
    else groups.set(key, { time, first: way, ways: [way] });
  }
  return [...groups.values()];
}

/** The first groups, a statement each, and how many more there are. */
export function groupStatements(
  groups: readonly WayGroup[],
  most: number,
  spokenOf: string | null = null,
): Statement[] {
  const left = groups.length - most;
  return [
    ...groups.slice(0, most).map((group) => groupStatement(group, spokenOf)),
    ...(left > 0 ? [statement([`${String(left)} more: `, code('kvm-regs xsave')])] : []),
  ];
}

/** Ways that a line has room for. */
const MOST_WAYS = 3;

/** `After VM-exit: PKRU -> arch.pkru, arch.host_pkru -> PKRU, kvm_load_host_pkru`; without the function where it is spoken of. */
export function groupStatement({ time, first, ways }: WayGroup, spokenOf: string | null = null): Statement {
  const moves = new Map(ways.map((way) => [`${way.from ? placeText(way.from) : ''} ${placeText(way.to)}`, way]));
  const shown = [...moves.values()].slice(0, MOST_WAYS);
  const more = moves.size - shown.length;
  const callers = [...new Map(shown.flatMap(callersOf).map((call) => [call.function, call])).values()].slice(
    0,
    MOST_CALLERS,
  );
  return statement(
    [
      `${time}: `,
      ...shown.flatMap((way, i) => [...(i === 0 ? [] : [', ']), ...movePhrases(way)]),
      ...(more > 0 ? [` and ${String(more)} more`] : []),
      ...(first.function === spokenOf ? [] : [', ', code(first.function)]),
      ...(callers.length > 0 ? [', called by ', ...listed(callers.map((caller) => code(caller.function)))] : []),
    ],
    evidenceOfGroup(shown, callers),
  );
}

/** Callers that a line has room for. */
const MOST_CALLERS = 2;

/** The calls of the function in which a way is told. */
export function callersOf({ callers, function: name }: XsaveAssignment): Step[] {
  return callers.filter(({ callee }) => callee === name);
}

function evidenceOfGroup(ways: readonly XsaveAssignment[], callers: readonly Step[]): Evidence[] {
  const lines = new Map(ways.map((way) => [`${way.file} ${String(way.line)}`, evidenceOf(way)]));
  return [...lines.values(), ...callers.map(({ file, line }) => ({ file, line }))];
}

/** `arch.pkru -> PKRU` */
function movePhrases({ from, to, other }: XsaveAssignment): Phrase[] {
  return [from ? placePhrase(from) : valuePhrase(other), ' -> ', placePhrase(to)];
}

function placePhrase(place: Place): Phrase {
  return place.kind === 'hardware' ? place.name : code(placeText(place));
}

/** A place as its own table names it; a protected guest's with the table. */
export function placeText({ kind, name }: Place): string {
  return kind === 'ghcb' || kind === 'vmsa' ? `${kind.toUpperCase()} ${name}` : name;
}

/** Characters of a value that a line has room for. */
const LONGEST_VALUE = 40;

function valuePhrase(value: string): Phrase {
  if (value === '') return 'a constant';
  return code(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value);
}

/** When a way is gone: for userspace, by which ioctl. */
export function timeOf(way: XsaveAssignment): string {
  if (way.isOncePerRun) return 'Once a KVM_RUN';
  if (way.side !== 'userspace') return PHASE_WORDS[way.phase].title;
  const ioctls = way.from === null ? [] : ioctlsOf(way);
  return ioctls.length > 0 ? ioctls.join(', ') : 'Userspace';
}

/** The conditions that all of some ways are under: `Only if A and B`; null without any. */
export function commonConditions(ways: readonly XsaveAssignment[]): Statement | null {
  const [first, ...others] = ways;
  const common = (first?.conditions ?? []).filter(
    (guard) => shownGuard(guard).length <= LONGEST_CONDITION && others.every((way) => hasGuard(way.conditions, guard)),
  );
  if (common.length === 0) return null;
  return statement([
    'Only if ',
    ...listed(
      common.slice(0, MOST_CONDITIONS).map((guard) => code(shownGuard(guard))),
      ' and ',
    ),
  ]);
}

const LONGEST_CONDITION = 60;
const MOST_CONDITIONS = 2;
