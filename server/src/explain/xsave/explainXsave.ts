import { protectedTitles } from '../../model/query/backends.js';
import { registerNamed } from '../../model/query/registers.js';
import { assignmentsOf } from '../../model/query/xsaveAssignments.js';
import { stateTitle, type XsaveSubject } from '../../model/query/xsaveStates.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { ioctlsOf } from '../../model/xsave/componentUse.js';
import {
  ALL_COMPONENTS,
  type XsaveAssignment,
  type XsaveComponent,
  type XsaveTransfer,
} from '../../model/xsave/xsaveModel.js';
import { evidenceOf } from '../evidence.js';
import { fitsHover } from '../fittingExplanation.js';
import {
  code,
  statement,
  strong,
  type Explanation,
  type OwnerLine,
  type Phrase,
  type Statement,
} from '../explanation.js';
import { shownStorage } from '../explainRegister.js';
import { ownerLines } from '../ownerLines.js';
import { wordsOf, type Words } from '../words.js';
import {
  assignmentGroups,
  assignmentPhrases,
  commonConditionPhrases,
  distinctLines,
  groupStatements,
  timeOf,
} from './assignmentGroups.js';
import { componentAnswer, fpuNote, gateNotes, userspaceNotes, useNotes } from './componentNotes.js';

/** Groups of assignments that are shown of a host's value, or of what an ioctl copies; and of a state at the most, where they fit. */
const MOST_GROUPS = 4;
const MOST_GROUPS_OF_STATE = 8;

/**
 * What is known of a piece of XSAVE state: where the guest's is, what switches it, who lets guests have it. Of a word that is the
 * host's value, what is done with that.
 */
export function explainXsaveState(model: RegisterModel, subject: XsaveSubject, word: StateWord = NO_WORD): Explanation {
  if (subject.hostPlace !== null) return explainHostValue(model, subject, subject.hostPlace);
  for (let most = MOST_GROUPS_OF_STATE; most > 1; most--) {
    const explanation = explainGuestState(model, subject, { ...word, most });
    if (fitsHover(explanation)) return explanation;
  }
  return explainGuestState(model, subject, { ...word, most: 1 });
}

/** The word of a file that stands for a state. */
interface StateWord {
  /** It is in code that runs for the host's tasks as well. */
  readonly isShared: boolean;
  /** What its statement does with it; empty for what is not told. */
  readonly use: readonly Phrase[];
}

const NO_WORD: StateWord = { isShared: false, use: [] };

function withUse({ phrases, evidence }: Statement, use: readonly Phrase[]): Statement {
  return statement([...phrases, ...use], evidence);
}

/** `most`: the groups of assignments that are told one by one. */
function explainGuestState(
  model: RegisterModel,
  subject: XsaveSubject,
  { isShared, use, most }: StateWord & { readonly most: number },
): Explanation {
  const { component, name, state } = subject;
  const whole = component?.name === state ? component : null;
  return {
    subject: { kind: 'state', name },
    answer: whole
      ? componentAnswer(whole)
      : subject.here.length > 0
        ? hereAnswer(model, subject)
        : withUse(registerAnswer(model, subject), use),
    owners: component ? ownersOfHeld(model, component) : [],
    notes: [
      ...(isShared && !whole ? [statement(["The FPU core runs this for the host's own tasks too"])] : []),
      ...(whole
        ? useNotes(model, whole)
        : [...protectedNotes(model, subject), ...stateNotes(wordsOf(model), assignmentsOf(model, subject), most)]),
      ...(component ? gateNotes(model, component) : []),
      ...(whole ? [fpuNote(whole)] : []),
    ],
  };
}

/** The host's value of a state, and where it goes to and comes from. */
function explainHostValue(model: RegisterModel, subject: XsaveSubject, place: string): Explanation {
  const hosts = assignmentsOf(model, subject).filter(
    ({ side, from, to }) => side === 'host' && [from?.name, to.name].some((own) => own?.endsWith(place) ?? false),
  );
  return {
    subject: { kind: 'state', name: subject.name },
    answer: statement([strong(subject.name), ": the host's value, ", code(place), ", not the guest's"]),
    owners: [],
    notes: groupStatements(wordsOf(model), assignmentGroups(hosts), MOST_GROUPS),
  };
}

/** What is done on the line that a reader looks at: `XCR0: here arch.xcr0 -> XCR0, the guest's, before VM-entry`. */
function hereAnswer(model: RegisterModel, { name, component, here }: XsaveSubject): Statement {
  const words = wordsOf(model);
  const number = component?.number ?? null;
  const whose = (at: XsaveAssignment) => (at.side === 'userspace' ? '' : `, the ${at.side}'s`);
  const done = here.slice(0, MOST_HERE).map((at): Phrase[] => {
    const time = timeOf(at);
    const when =
      at.phase === 'other' && !at.isOncePerRun
        ? ''
        : `, ${/^KVM_|^the /.test(time) ? time : `${time.charAt(0).toLowerCase()}${time.slice(1)}`}`;
    return [...assignmentPhrases(words, at, shownStorage), `${whose(at)}${when}`];
  });
  return statement([
    strong(name),
    number === null ? ': here ' : ` (XSAVE component ${String(number)}): here `,
    ...done.flatMap((part, i) => (i === 0 ? part : ['; ', ...part])),
    ...commonConditionPhrases(here),
  ]);
}

/** Assignments of one line that an answer has room for. */
const MOST_HERE = 2;

/** What guests whose state is protected have instead of KVM's copy. */
function protectedNotes(model: RegisterModel, subject: XsaveSubject): Statement[] {
  const titles = protectedTitles(model);
  const kept = assignmentsOf(model, subject).some(({ from, to }) => from?.kind === 'cache' || to.kind === 'cache');
  return kept && titles.length > 0 && subject.state !== ALL_COMPONENTS
    ? [statement([`${titles.join(', ')} guests: theirs is protected; what KVM has is no more than they told it`])]
    : [];
}

/** Where KVM has the general-purpose registers that a component holds, R16-R31, if not only there; one stands for all. */
function ownersOfHeld(model: RegisterModel, { holds }: XsaveComponent): OwnerLine[] {
  const [first] = holds?.split('-') ?? [];
  const register = first === undefined ? null : registerNamed(model, first);
  const isKept = register?.owners.some((owner) => owner.sync !== 'xsave' && owner.sync !== 'none') ?? false;
  return register?.class === 'gpr' && isKept ? ownerLines(model, register, { first: null, isShort: false }) : [];
}

/** What an ioctl copies of XSAVE state. */
export function explainXsaveIoctl(
  model: RegisterModel,
  name: string,
  transfers: readonly XsaveTransfer[],
): Explanation {
  const states = new Set(transfers.map(({ state }) => stateTitle(state)));
  const direction = transfers.some(({ to }) => to.kind === 'userspace') ? 'to' : 'from';
  return {
    subject: { kind: 'state', name },
    answer: statement([strong(name), `: copies ${[...states].join(', ')} ${direction} userspace`]),
    owners: [],
    notes: groupStatements(wordsOf(model), assignmentGroups(transfers), MOST_GROUPS),
  };
}

/** Who switches a state, the guest's first, and which ioctls copy it. */
function stateNotes(words: Words, assignments: readonly XsaveAssignment[], most: number): Statement[] {
  const switched = assignments.filter(({ side }) => side !== 'userspace').sort((a, b) => rankOf(a) - rankOf(b));
  const copied = assignments.filter(({ side }) => side === 'userspace');
  const names = new Set(copied.flatMap((at) => (at.from === null ? [] : ioctlsOf(at))));
  return [
    ...groupStatements(words, assignmentGroups(switched), most),
    ...userspaceNotes(names, distinctLines(copied).slice(0, 2)),
  ];
}

/** What moves a state as a rule comes first, the guest's before the host's; what is only put down of the host's last. */
function rankOf({ isOncePerRun, side, phase, to }: XsaveAssignment): number {
  if (isOncePerRun) return 0;
  if (to.kind === 'host') return 3;
  if (phase !== 'vm-entry' && phase !== 'vm-exit') return 2;
  return side === 'guest' ? 1 : 2;
}

function registerAnswer(model: RegisterModel, subject: XsaveSubject): Statement {
  const { component, name, state } = subject;
  if (state === ALL_COMPONENTS)
    return statement([
      strong(name),
      ": the registers of all XSAVE components; the guest's are in hardware during KVM_RUN, in ",
      code('vcpu->arch.guest_fpu'),
      ' else',
    ]);
  const number = component?.number ?? null;
  const own = assignmentsOf(model, subject).flatMap((at) => (at.from !== null && at.side === 'guest' ? [at] : []));
  const saved = own.find((t) => t.from.kind === 'hardware' && t.phase === 'vm-exit');
  const loaded = own.find((t) => t.to.kind === 'hardware');
  const place = saved?.to ?? loaded?.from;
  const kept: Phrase[] = place ? ['; KVM keeps it in ', code(`vcpu->${place.name}`)] : [];
  const how = saved ? ' from VM-exit on' : loaded ? ', not read back after VM-exit: guest writes trap' : '';
  return statement(
    [
      strong(name),
      number === null ? '' : ` (XSAVE component ${String(number)})`,
      ": the guest's is in hardware while the guest runs",
      ...kept,
      how,
    ],
    saved ? [evidenceOf(saved)] : [],
  );
}
