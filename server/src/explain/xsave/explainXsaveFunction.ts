import { XCR0 } from '../../facts/xsave/stateInterfaces.js';
import type { GraphNode } from '../../model/callGraph.js';
import { functionUse } from '../../model/query/functionUse.js';
import { isOfHostTasks } from '../../model/query/hostCode.js';
import { stateTitle } from '../../model/query/xsaveStates.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { ALL_COMPONENTS, type XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import { evidenceOf } from '../evidence.js';
import { code, statement, strong, type Explanation, type Statement } from '../explanation.js';
import { useSummary } from '../functionUseWords.js';
import { wordsOf } from '../words.js';
import { assignmentGroups, commonConditions, directCallers, groupStatements, timeOf } from './assignmentGroups.js';

/** Groups of assignments that a hover has room for: three lines each, in a hover of fifteen; one less below a first sentence of three lines. */
const MOST_GROUPS = 3;
const TWO_LINES = 160;

/** What XSAVE state a function switches or copies, itself or for its callers. */
export function explainXsaveFunction(
  model: RegisterModel,
  { node, assignments }: { readonly node: GraphNode; readonly assignments: readonly XsaveAssignment[] },
): Explanation {
  const conditions = commonConditions(assignments);
  const accesses = useSummary(model, functionUse(model, node)).map((part) => ` · ${part}`);
  const summary = `: ${functionSummary(node, assignments)}${accesses.join('')}`;
  const isLong = node.name.length + summary.length > TWO_LINES;
  const most = isOfHostTasks(node) || isLong ? MOST_GROUPS - 1 : MOST_GROUPS;
  return {
    subject: { kind: 'function', name: node.name },
    answer: statement([strong(node.name), summary]),
    owners: [],
    notes: [
      ...groupStatements(wordsOf(model), assignmentGroups(assignments), most, node.name),
      ...(conditions ? [conditions] : []),
      ...apartNotes(model, assignments),
    ],
  };
}

/** What a function does for guests; of the FPU core's, which runs for the host's tasks too, that this is so. */
export function functionSummary(node: GraphNode, assignments: readonly XsaveAssignment[]): string {
  const summary = assignmentSummary(assignments);
  return isOfHostTasks(node) ? `for the host's tasks, and for KVM: ${summary}` : summary;
}

/** `XCR0 IA32_XSS: guest's loaded before VM-entry, host's loaded after VM-exit (vcpu_enter_guest)` */
function assignmentSummary(assignments: readonly XsaveAssignment[]): string {
  const byStates = new Map<string, string[]>();
  // Reset loads and saves what other times do as well.
  const usual = assignments.filter(({ phase, from }) => phase !== 'reset' || from === null);
  for (const [time, states] of statesByTime(usual.length > 0 ? usual : assignments)) {
    const key = states.join(' ');
    byStates.set(key, [...(byStates.get(key) ?? []), time]);
  }
  const callers = [...new Set(assignments.flatMap((at) => directCallers(at).map((caller) => caller.function)))];
  const by = callers.length === 1 || callers.length === 2 ? ` (${callers.join(', ')})` : '';
  return [...byStates].map(([states, times]) => `${states}: ${times.join(', ')}`).join(' · ') + by;
}

/** `guest's loaded before VM-entry` -> the states that it is said of. */
function statesByTime(assignments: readonly XsaveAssignment[]): Map<string, string[]> {
  const times = new Map<string, string[]>();
  for (const assignment of assignments) {
    const time = directionOf(assignment);
    const states = times.get(time) ?? [];
    const name = stateTitle(assignment.state);
    if (!states.includes(name)) states.push(name);
    times.set(time, states);
  }
  return times;
}

function directionOf(assignment: XsaveAssignment): string {
  const { side, from, to, phase, other } = assignment;
  if (side === 'userspace') return to.kind === 'userspace' ? 'to userspace' : 'from userspace';
  const time = timeOf(assignment);
  // No moment is named for what runs at no time that matters to a guest.
  const isNamed = assignment.initiators.length > 0;
  const when = isNamed ? ` by ${time}` : phase === 'other' ? '' : ` ${time.charAt(0).toLowerCase()}${time.slice(1)}`;
  // A copy of a host's value in a host's save area is as good as the register's.
  if (from?.kind === 'hardware' || to.kind === 'host') return `${side}'s saved${when}`;
  if (from === null) return (other === '0' ? 'cleared' : 'set') + when;
  return to.kind === 'hardware' ? `${side}'s loaded${when}` : `set${when}`;
}

/**
 * States that KVM keeps itself from VM-exit on, and so are not where the others are: PKRU. Said of functions that switch or
 * copy the others of guests.
 */
function apartNotes(model: RegisterModel, assignments: readonly XsaveAssignment[]): Statement[] {
  if (!assignments.some(({ state }) => state === ALL_COMPONENTS || state === XCR0.state)) return [];
  if (assignments.every(({ side }) => side === 'host')) return [];
  const apart = model.xsave.transfers.filter(
    (t) => t.from.kind === 'hardware' && t.to.kind === 'cache' && t.phase === 'vm-exit',
  );
  return [...new Map(apart.map((t) => [t.state, t])).values()].map((saved) => {
    const isHere = assignments.some(({ state }) => state === saved.state);
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
