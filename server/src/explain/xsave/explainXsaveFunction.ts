import type { GraphNode } from '../../model/callGraph.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveSetting, XsaveTransfer } from '../../model/xsave/xsaveModel.js';
import { code, statement, strong, type Explanation, type Statement } from '../explanation.js';
import { groupStatement, timeOf, wayGroups } from './wayGroups.js';
import { waysOf } from './xsaveSubject.js';

type Way = XsaveTransfer | XsaveSetting;

const MOST_GROUPS = 8;

/** What XSAVE state a function switches or copies, itself or for its callers; null for none. */
export function explainXsaveFunction(model: RegisterModel, node: GraphNode): Explanation | null {
  const ways = waysThrough(model, node);
  if (ways.length === 0) return null;
  const groups = wayGroups(ways);
  return {
    subject: { kind: 'function', name: node.name },
    answer: statement([strong(node.name), `: ${summaryOfWays(ways)}`]),
    owners: [],
    notes: [...groups.slice(0, MOST_GROUPS).map(groupStatement), ...separateNotes(model, node, ways)],
  };
}

/** The ways that a function is part of: told in it, or through it. */
export function waysThrough(model: RegisterModel, node: GraphNode): Way[] {
  const isHere = ({ file, function: name }: { readonly file: string; readonly function: string }) =>
    name === node.name && file === node.file;
  return waysOf(model).filter((way) => isHere(way) || way.through.some(isHere));
}

/** `XCR0 IA32_XSS: guest's before VM-entry, host's after VM-exit (vcpu_enter_guest)` */
export function summaryOfWays(ways: readonly Way[]): string {
  const byStates = new Map<string, string[]>();
  for (const [time, states] of statesByTime(ways)) {
    const key = states.join(' ');
    byStates.set(key, [...(byStates.get(key) ?? []), time]);
  }
  const callers = [...new Set(ways.flatMap((way) => way.callers.at(-1)?.function ?? []))];
  const by = callers.length === 0 || callers.length > 2 ? '' : ` (${callers.join(', ')})`;
  return [...byStates].map(([states, times]) => `${states}: ${times.join(', ')}`).join(' · ') + by;
}

/** `guest's before VM-entry` -> the states that it is said of. */
function statesByTime(ways: readonly Way[]): Map<string, string[]> {
  const times = new Map<string, string[]>();
  for (const way of ways) {
    const time = directionOf(way);
    const states = times.get(time) ?? [];
    const name = STATE_WORDS.get(way.state) ?? way.state;
    if (!states.includes(name)) states.push(name);
    times.set(time, states);
  }
  return times;
}

const STATE_WORDS: ReadonlyMap<string, string> = new Map([
  ['XSS', 'IA32_XSS'],
  ['XFD', 'IA32_XFD'],
  ['fpstate', 'FPU state'],
]);

function directionOf(way: Way): string {
  const time = timeOf(way);
  const when = time.charAt(0).toLowerCase() + time.slice(1);
  if (way.side === 'userspace') return way.to.kind === 'userspace' ? 'to userspace' : 'from userspace';
  if (way.from?.kind === 'hardware') return `saved ${when.replace('vm-', 'VM-')}`;
  return `${way.side}'s loaded ${when}`;
}

/** States that are not where the others are: PKRU, which KVM keeps itself from VM-exit on. */
function separateNotes(model: RegisterModel, node: GraphNode, ways: readonly Way[]): Statement[] {
  const own = new Set(waysOf(model).flatMap((way) => (way.function === node.name ? [way.state] : [])));
  const apart = model.xsave.transfers.filter(
    (t) => t.from.kind === 'hardware' && t.to.kind === 'cache' && t.phase === 'vm-exit' && !own.has(t.state),
  );
  const isWhole = ways.some((way) => ['fpstate', 'XCR0'].includes(way.state));
  if (!isWhole) return [];
  return [...new Map(apart.map((t) => [t.state, t])).values()].map((saved) => {
    const users = model.xsave.transfers.filter((t) => t.side === 'userspace' && t.from.name === saved.to.name);
    const [user] = users;
    return statement(
      [
        `${saved.state} is not among these: KVM keeps the guest's in `,
        code(saved.to.name),
        ' from VM-exit on, ',
        code(saved.function),
        ...(user ? ['; userspace gets it from there, ', code(user.function)] : []),
      ],
      [saved, ...(user ? [user] : [])].map(({ file, line }) => ({ file, line })),
    );
  });
}
