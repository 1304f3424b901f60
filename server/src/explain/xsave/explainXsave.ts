import type { RegisterModel } from '../../model/registerModel.js';
import type { GuestMask, XsaveComponent, XsaveTransfer } from '../../model/xsave/xsaveModel.js';
import {
  code,
  listed,
  statement,
  strong,
  type Evidence,
  type Explanation,
  type Phrase,
  type Statement,
} from '../explanation.js';
import { groupStatement, wayGroups } from './wayGroups.js';
import { waysOfState, type XsaveSubject } from './xsaveSubject.js';

/** Lines of ways that a hover has room for. */
const MOST_WAYS = 7;

/** What is known of a piece of XSAVE state: where the guest's is, what switches it, who lets guests have it. */
export function explainXsaveState(model: RegisterModel, subject: XsaveSubject): Explanation {
  const { component, state } = subject;
  const groups = wayGroups(waysOfState(model, subject));
  const shown = groups.slice(0, MOST_WAYS);
  const more = groups.length - shown.length;
  return {
    subject: { kind: 'state', name: subject.name },
    answer: answerOf(model, subject),
    owners: [],
    notes: [
      ...(component?.name === state ? [...gateNotes(model, component), ...bufferNote(model)] : []),
      ...shown.map(groupStatement),
      ...(more > 0 ? [statement([`${String(more)} more: `, code('kvm-regs xsave')])] : []),
      ...(component && state !== component.name ? gateNotes(model, component) : []),
    ],
  };
}

function answerOf(model: RegisterModel, subject: XsaveSubject): Statement {
  const { component, name, state } = subject;
  if (component?.name === state) return componentAnswer(component);
  const kept = cacheOf(model, subject);
  if (state === 'PKRU' || state === 'XCR0' || state === 'XSS' || state === 'XFD') return registerAnswer(subject, kept);
  return statement([
    strong(name),
    ": all XSAVE components; the guest's are in hardware during KVM_RUN, in ",
    code('arch.guest_fpu'),
    ' else',
  ]);
}

function registerAnswer({ name, state }: XsaveSubject, kept: readonly XsaveTransfer[]): Statement {
  const [back] = kept.filter((t) => t.from.kind === 'hardware');
  const place = back?.to ?? kept[0]?.from;
  const inCache: Phrase[] = place ? [', KVM keeps it in ', code(place.name)] : [];
  const how: Phrase[] =
    state === 'PKRU' && back
      ? [` from VM-exit to VM-entry (read back by `, code(back.function), ')']
      : back
        ? []
        : place
          ? [', which is not read back: guest writes trap']
          : [];
  return statement(
    [strong(name), ": the guest's value is in hardware while the guest runs", ...inCache, ...how],
    back ? [evidenceAt(back)] : [],
  );
}

/** Transfers between hardware and what keeps the guest's value. */
function cacheOf(model: RegisterModel, subject: XsaveSubject): XsaveTransfer[] {
  return waysOfState(model, subject).flatMap((way) =>
    way.from !== null && way.side === 'guest' && (way.from.kind === 'hardware' || way.to.kind === 'hardware')
      ? [way]
      : [],
  );
}

function componentAnswer(component: XsaveComponent): Statement {
  const { name, number, holds, gate, supported } = component;
  const allowed = {
    yes: 'guests may enable it',
    conditional: 'guests may enable it under conditions',
    no: "guests can't enable it",
  };
  return statement(
    [
      strong(name),
      `: XSAVE component ${number === null ? 'of unknown number' : String(number)}${holds === null ? '' : `, ${holds}`}; ${allowed[supported]}`,
    ],
    gate ? [evidenceAt(gate)] : [],
  );
}

function gateNotes(model: RegisterModel, component: XsaveComponent): Statement[] {
  const { conditions, size, fpu, enabledIn } = component;
  const mask = model.xsave.masks.find((m) => m.register === enabledIn);
  return [
    ...(mask ? [gateNote(component, mask)] : []),
    ...conditions
      .slice(0, 2)
      .map((condition) =>
        statement(
          [
            'Taken away again: ',
            code(condition.text),
            ...(condition.guards.length > 0 ? [' if ', code(condition.guards.join(' && '))] : []),
          ],
          [evidenceAt(condition)],
        ),
      ),
    fpuNote(fpu, size),
  ];
}

function gateNote({ enabledIn, supported }: XsaveComponent, mask: GuestMask): Statement {
  const names = [mask.macro?.name, mask.variable].flatMap((name) => (name ? [code(name)] : []));
  const within = supported === 'no' ? `Not in KVM's mask of ` : `In KVM's mask of `;
  return statement(
    [within, enabledIn === 'XCR0' ? 'XCR0' : 'IA32_XSS', ' ', ...listed(names)],
    [mask.macro, mask.set].flatMap((site) => (site ? [evidenceAt(site)] : [])),
  );
}

const FPU_WORDS: Readonly<Record<XsaveComponent['fpu']['support'], string>> = {
  user: 'a user component of the FPU core',
  supervisor: 'a supervisor component of the FPU core',
  'guest-only': "in guests' FPU states only",
  independent: 'in a buffer of its own, not in the FPU state',
  none: 'the FPU core does not support it',
};

function fpuNote({ support, isDynamic, evidence }: XsaveComponent['fpu'], size: XsaveComponent['size']): Statement {
  const dynamic = isDynamic ? ', enabled by permission and XFD' : '';
  const sized: Phrase[] = size ? [', size of ', code(`struct ${size.struct}`)] : [', size from CPUID leaf 0xD'];
  const [first] = evidence;
  return statement(
    [`FPU: ${FPU_WORDS[support]}${dynamic}`, ...(support === 'none' ? [] : sized)],
    first ? [evidenceAt(first)] : [],
  );
}

/** How a component's registers move that have no way of their own: with all others. */
function bufferNote(model: RegisterModel): Statement[] {
  const all = model.xsave.transfers.filter((t) => t.state === 'fpstate' && t.side === 'guest');
  const load = all.find((t) => t.to.kind === 'hardware');
  const save = all.find((t) => t.from.kind === 'hardware');
  if (!load && !save) return [];
  return [
    statement(
      [
        'Guest state is in hardware during KVM_RUN, in ',
        code(load?.from.name ?? save?.to.name ?? ''),
        ' else',
        ...(load ? ['; loaded by ', code(load.function)] : []),
        ...(save ? ['; saved by ', code(save.function)] : []),
      ],
      [load, save].flatMap((t) => (t ? [evidenceAt(t)] : [])),
    ),
  ];
}

function evidenceAt({ file, line }: { readonly file: string; readonly line: number }): Evidence {
  return { file, line };
}
