import { hasComponent } from '../../model/xsave/componentBits.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { ioctlsOf, staleCopies, useOf } from '../../model/xsave/componentUse.js';
import type { GuestMask, XsaveComponent, XsaveTransfer } from '../../model/xsave/xsaveModel.js';
import { conjunctionText } from '../../syntax/conditions/guard.js';
import { evidenceOf } from '../evidence.js';
import { code, joinPhrases, statement, strong, type Evidence, type Phrase, type Statement } from '../explanation.js';
import { distinctLines } from './assignmentGroups.js';

/** What KVM lets guests do with a component, in words. */
export const ALLOWED: Readonly<Record<XsaveComponent['supported'], string>> = {
  yes: 'guests may enable it',
  conditional: 'guests may enable it, under conditions',
  no: "guests can't enable it",
  unknown: 'not known whether guests may enable it',
};

/** What a component is, and whether guests may enable it. */
export function componentAnswer({ name, number, holds, gate, supported }: XsaveComponent): Statement {
  const which = number === null ? 'XSAVE component' : `XSAVE component ${String(number)}`;
  return statement(
    [strong(name), `: ${which}${holds === null ? '' : `, ${holds}`}; ${ALLOWED[supported]}`],
    gate ? [evidenceOf(gate)] : [],
  );
}

/** How a component's registers come to the hardware and back, and to userspace. */
export function useNotes(model: RegisterModel, component: XsaveComponent): Statement[] {
  const { loads, stores, user } = useOf(model.xsave, component);
  const once = (transfers: readonly XsaveTransfer[]) => transfers.find((t) => t.isOncePerRun) ?? transfers[0];
  const [load, store] = [once(loads), once(stores)];
  const moved: Phrase[] = [
    ...(load ? ['loaded from ', code(load.from.name), ' by ', code(load.function)] : []),
    ...(load && store ? [', '] : []),
    ...(store ? ['saved by ', code(store.function)] : []),
  ];
  return [
    ...(load || store
      ? [
          statement(
            ["The guest's registers: ", ...moved, (load ?? store)?.isOncePerRun === true ? ', once a KVM_RUN' : ''],
            [load, store].flatMap((t) => (t ? [evidenceOf(t)] : [])),
          ),
        ]
      : []),
    ...userspaceNotes(new Set(user.flatMap(ioctlsOf)), distinctLines(user).slice(0, 2)),
    ...staleNote(staleCopies(model.xsave, component)),
    ...component.unknown
      .slice(0, 1)
      .map(({ file, line, what, why }) =>
        statement([`Not known what moves its registers: ${what} ${why}`], [{ file, line: line ?? 1 }]),
      ),
  ];
}

function staleNote([first, ...more]: readonly XsaveTransfer[]): Statement[] {
  if (!first) return [];
  const names = new Set([first, ...more].map((t) => t.function));
  return [
    statement(
      ["The fpstate's area is copied as well, not the guest's value: ", ...joinPhrases([...names].map(code))],
      distinctLines([first, ...more]).slice(0, 2),
    ),
  ];
}

/** What lets guests have a component, and under which conditions. */
export function gateNotes(model: RegisterModel, component: XsaveComponent): Statement[] {
  const mask = model.xsave.masks.find((m) => m.register === component.enabledIn);
  return [
    ...(mask ? [gateNote(component, mask)] : []),
    ...component.conditions
      .slice(0, MOST_CONDITIONS)
      .map(({ guards, added, file, line, function: name }) =>
        statement(
          [
            hasComponent(added, component.number) ? 'Added by ' : 'Taken out by ',
            code(name),
            ...(guards.length > 0 ? [' if ', code(conjunctionText(guards))] : []),
          ],
          [{ file, line }],
        ),
      ),
  ];
}

/** Conditions that a hover has room for. */
const MOST_CONDITIONS = 3;

const IN_MASK: Readonly<Record<XsaveComponent['supported'], string>> = {
  yes: 'In',
  conditional: 'Under conditions in',
  no: 'Not in',
  unknown: 'Not known whether it is in',
};

function gateNote({ number, enabledIn, supported, supportedBy }: XsaveComponent, mask: GuestMask): Statement {
  const differ = new Set(supportedBy.map((own) => own.supported)).size > 1;
  const isNamed = mask.macro && (mask.bits === null || hasComponent(mask.bits, number));
  const names = [isNamed || supported === 'no' ? mask.macro?.name : null, mask.variable].flatMap((name) =>
    name ? [code(name)] : [],
  );
  return statement(
    [
      `${IN_MASK[supported]} what guests may enable in `,
      enabledIn === 'XCR0' ? 'XCR0, ' : 'IA32_XSS, ',
      ...joinPhrases(names),
      ...(differ ? [`: ${vendorsText(supportedBy)}`] : []),
    ],
    [mask.macro, mask.set].flatMap((site) => (site ? [evidenceOf(site)] : [])),
  );
}

const SUPPORTED: Readonly<Record<XsaveComponent['supported'], string>> = {
  yes: 'yes',
  conditional: 'under conditions',
  no: 'no',
  unknown: 'not known',
};

/** `yes on VMX, no on SVM` */
export function vendorsText(supportedBy: XsaveComponent['supportedBy']): string {
  return supportedBy.map(({ vendor, supported }) => `${SUPPORTED[supported]} on ${vendor.toUpperCase()}`).join(', ');
}

const FPU_WORDS: Readonly<Record<XsaveComponent['fpu']['support'], string>> = {
  user: 'a user component',
  supervisor: 'a supervisor component',
  'guest-only': "in guests' states only",
  independent: 'in a buffer of its own',
  none: 'not supported',
  unknown: 'not in this tree',
};

export function fpuNote({ fpu: { support, isDynamic, evidence }, size }: XsaveComponent): Statement {
  const sized: Phrase[] = size ? [', size of ', code(`struct ${size.struct}`)] : [', size from CPUID leaf 0xD'];
  const [first] = evidence;
  return statement(
    [
      `FPU core: ${FPU_WORDS[support]}${isDynamic ? ', enabled by permission and IA32_XFD' : ''}`,
      ...(support === 'none' || support === 'unknown' ? [] : sized),
    ],
    first ? [evidenceOf(first)] : [],
  );
}

/** The ioctls that copy a state. */
export function userspaceNotes(ioctls: ReadonlySet<string>, evidence: readonly Evidence[] = []): Statement[] {
  return ioctls.size > 0 ? [statement(['Userspace: ', ...joinPhrases([...ioctls].map(code))], evidence)] : [];
}
