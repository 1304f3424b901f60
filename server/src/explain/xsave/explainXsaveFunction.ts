import { XCR0 } from '../../facts/xsave/stateInterfaces.js';
import type { GraphNode } from '../../model/callGraph.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { ALL_COMPONENTS, type XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import { code, statement, strong, type Explanation, type Statement } from '../explanation.js';
import { evidenceOf } from '../ownerLines.js';
import { callersOf, commonConditions, groupStatements, timeOf, wayGroups } from './assignmentGroups.js';
import { stateTitle, waysOf } from './xsaveSubject.js';

/** Ways that a hover has room for: three lines each, in a hover of fifteen. */
const MOST_WAYS = 3;

/** What XSAVE state a function switches or copies, itself or for its callers; null for none. */
export function explainXsaveFunction(model: RegisterModel, node: GraphNode): Explanation | null {
  const ways = waysThrough(model, node);
  if (ways.length === 0) return null;
  const conditions = commonConditions(ways);
  return {
    subject: { kind: 'function', name: node.name },
    answer: statement([strong(node.name), `: ${summaryOfWays(ways)}`]),
    owners: [],
    notes: [
      ...groupStatements(wayGroups(ways), MOST_WAYS, node.name),
      ...(conditions ? [conditions] : []),
      ...apartNotes(model, ways),
    ],
  };
}

/** The ways that a function is part of: told in it, or through it. */
function waysThrough(model: RegisterModel, node: Pick<GraphNode, 'name' | 'file'>): XsaveAssignment[] {
  const isHere = ({ file, function: name }: { readonly file: string; readonly function: string }) =>
    name === node.name && file === node.file;
  return waysOf(model).filter((way) => isHere(way) || way.through.some(isHere));
}

/** `XCR0 IA32_XSS: guest's loaded before VM-entry, host's loaded after VM-exit (vcpu_enter_guest)` */
export function summaryOfWays(ways: readonly XsaveAssignment[]): string {
  const byStates = new Map<string, string[]>();
  // Reset loads and saves what other times do as well.
  const usual = ways.filter((way) => way.phase !== 'reset' || way.from === null);
  for (const [time, states] of statesByTime(usual.length > 0 ? usual : ways)) {
    const key = states.join(' ');
    byStates.set(key, [...(byStates.get(key) ?? []), time]);
  }
  const callers = [...new Set(ways.flatMap((way) => callersOf(way).map((caller) => caller.function)))];
  const by = callers.length === 1 || callers.length === 2 ? ` (${callers.join(', ')})` : '';
  return [...byStates].map(([states, times]) => `${states}: ${times.join(', ')}`).join(' · ') + by;
}

/** `guest's loaded before VM-entry` -> the states that it is said of. */
function statesByTime(ways: readonly XsaveAssignment[]): Map<string, string[]> {
  const times = new Map<string, string[]>();
  for (const way of ways) {
    const time = directionOf(way);
    const states = times.get(time) ?? [];
    const name = stateTitle(way.state);
    if (!states.includes(name)) states.push(name);
    times.set(time, states);
  }
  return times;
}

function directionOf(way: XsaveAssignment): string {
  if (way.side === 'userspace') return way.to.kind === 'userspace' ? 'to userspace' : 'from userspace';
  const time = timeOf(way);
  // What runs at no time that matters to a guest is told without one.
  const when = way.phase === 'other' ? '' : ` ${time.charAt(0).toLowerCase()}${time.slice(1)}`;
  if (way.from?.kind === 'hardware') return `${way.side}'s saved${when}`;
  return way.to.kind === 'hardware' ? `${way.side}'s loaded${when}` : `set${when}`;
}

/**
 * States that KVM keeps itself from VM-exit on, and so are not where the others are: PKRU. Said of functions that switch or
 * copy the others.
 */
function apartNotes(model: RegisterModel, ways: readonly XsaveAssignment[]): Statement[] {
  if (!ways.some((way) => way.state === ALL_COMPONENTS || way.state === XCR0.state)) return [];
  const apart = model.xsave.transfers.filter(
    (t) => t.from.kind === 'hardware' && t.to.kind === 'cache' && t.phase === 'vm-exit',
  );
  return [...new Map(apart.map((t) => [t.state, t])).values()].map((saved) => {
    const isHere = ways.some((way) => way.state === saved.state);
    const user = model.xsave.transfers.find((t) => t.to.kind === 'userspace' && t.from.name === saved.to.name);
    return statement(
      [
        `${saved.state} ${isHere ? 'goes its own way' : 'is not switched here'}: KVM keeps the guest's in `,
        code(`vcpu->${saved.to.name}`),
        ' from VM-exit on, ',
        code(saved.function),
        ...(user && !isHere ? ['; userspace gets it there, ', code(user.function)] : []),
      ],
      [saved, ...(user ? [user] : [])].map(evidenceOf),
    );
  });
}
