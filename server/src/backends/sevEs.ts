import type { Backend, OwnedRegister, OwnerParts, OwnerQuery } from './backend.js';
import type { Reason } from './owner.js';
import type { Place, PlaceFunction, PlaceWords } from './place.js';
import { isArchitectural, isNoneOfProtected, undecidedOwner } from './protectedGuest.js';
import { holdsInSaveArea, ownerParts, SEGMENTS } from './saveArea.js';
import type { Transfer } from './transfer.js';
import type { Guard } from '../syntax/conditions/guard.js';

/**
 * AMD SEV-ES and SNP: the guest's registers are in a save area (VMSA) that is encrypted from launch on; what the guest wants KVM to
 * see it puts into the GHCB.
 */
export const SEV_ES: Backend = {
  name: 'sev-es',
  title: 'SEV-ES',
  vendor: 'svm',
  cpus: [],
  hiddenIn: { kind: 'vmsa', name: 'VMSA', register: null },
  entry: {
    instructions: ['vmrun'],
    call: null,
    exitTitle: '#VMEXIT',
    // VMRUN loads and saves all registers itself (APM vol. 2, 15.35.8), so that its world switch moves none.
    // A VMRUN whose moves are not understood is SVM's, unless another one is.
    claims: ({ movesGprs, hasMovingSibling, hasPlace }) =>
      (movesGprs === false || (movesGprs === null && hasMovingSibling)) && (hasPlace('ghcb') || hasPlace('vmsa')),
  },
  places: [
    {
      kind: 'ghcb',
      words: {
        ...encryptedWords('GHCB'),
        hidden: null,
        passing: {
          sentence: (_field, by, isAnswered) =>
            `is in the encrypted VMSA; KVM sees only what the guest puts in the GHCB${by}${isAnswered ? ' and answers there' : ''}`,
          in: () => 'in by the GHCB only, ',
          out: () => 'out by it, ',
          isOneWay: false,
          always: 'GHCB, ',
          short: (field) => `GHCB ${field}`,
        },
      },
      role: 'protocol',
      loadsXsaveState: false,
      holds: holdsInSaveArea,
      describes: validityTest,
    },
    {
      kind: 'vmsa',
      words: {
        ...encryptedWords('VMSA'),
        hidden: 'is in the encrypted VMSA and not visible to KVM',
        passing: {
          sentence: (_field, by) => `is in the encrypted VMSA; a write trap tells KVM new values${by}`,
          in: () => 'a write trap tells KVM new values, ',
          out: () => '',
          isOneWay: true,
          always: 'VMSA, ',
          short: (field) => `VMSA ${field}`,
        },
      },
      role: 'launch-area',
      loadsXsaveState: false,
      holds: holdsInSaveArea,
    },
  ],
  structs: {
    // APM vol. 2, 15.35.
    sev_es_save_area: { kind: 'vmsa', prefix: 'save.' },
    // GHCB specification (AMD 56421).
    ghcb_save_area: { kind: 'ghcb', prefix: 'save.' },
    ghcb: { kind: 'ghcb', prefix: '' },
  },
  members: {},
  placeFunction: ghcbAccess,
  ownersOf,
};

/** What is said of both: the register itself is in the VMSA. */
function encryptedWords(title: string): Pick<PlaceWords, 'title' | 'lead' | 'cell' | 'kept'> {
  return { title, lead: `the ${title}, `, cell: `${title} `, kept: 'VMSA, encrypted' };
}

/** The accessors that asm/svm.h's `DEFINE_GHCB_ACCESSORS` makes; its `sw_*` fields are the protocol's own. */
function ghcbAccess(name: string): PlaceFunction | null {
  const [, access, field] = /^(?:kvm_)?ghcb_(get|set)_(\w+?)(?:_if_valid)?$/.exec(name) ?? [];
  if (field === undefined || field.startsWith('sw_')) return null;
  return access === 'get'
    ? { kind: 'ghcb', access: 'read', field, fieldNames: null, value: null }
    : { kind: 'ghcb', access: 'write', field, fieldNames: null, value: 1 };
}

function ownersOf<T extends Transfer>(register: OwnedRegister, query: OwnerQuery<T>): readonly OwnerParts[] {
  const load = query.loadsFrom('ghcb');
  const answer = query.storesTo('ghcb');
  const launch = [...query.storesTo('vmsa'), ...query.storesTo('vmcb').filter(query.isForProtectedGuest)];
  if (load.length + answer.length > 0) {
    const name = load[0]?.from?.name ?? answer[0]?.to?.name ?? '';
    const passed: Place = { kind: 'ghcb', name, register: null };
    return [ownerParts('partial', passed, { load, store: [...answer, ...launch] })];
  }
  const encrypted: Place = { kind: 'vmsa', name: saveAreaFields(register.register), register: null };
  const traps = writeTraps(register, query);
  if (traps.length > 0) return [ownerParts('partial', encrypted, { load: traps, store: launch })];
  if (isNoneOfProtected(register)) return [ownerParts('none', query.storage)];
  if (!isSaved(register, query)) return [undecidedOwner(register, query.storage, 'a SEV-ES guest')];
  const unseen = unseenTraps(register, query);
  if (unseen.length > 0)
    return [ownerParts('unknown', query.storage, { load: [], store: launch, unknown: { load: unseen, store: [] } })];
  return [ownerParts('protected', encrypted, { load: [], store: launch })];
}

/** The save area's struct, and the one that it shared with other guests before (asm/svm.h). */
const SAVE_AREAS = ['sev_es_save_area', 'vmcb_save_area'];

/** Whether the encrypted save area has a register, by the manual or by the tree's definition of it. */
function isSaved<T extends Transfer>(register: OwnedRegister, { membersOf }: OwnerQuery<T>): boolean {
  if (isArchitectural(register)) return true;
  const [area] = SAVE_AREAS.flatMap((struct) => membersOf(struct) ?? []);
  return [...(area ?? [])].some((member) => holdsInSaveArea(member, register.register));
}

/** After a guest's write of a control register, a write trap tells KVM the new value (APM vol. 2, 15.35.6 and 15.36.15). */
function writeTraps<T extends Transfer>({ register }: OwnedRegister, query: OwnerQuery<T>): readonly Transfer[] {
  const reads = query.readsInHandler('vmcb', `SVM_EXIT_${register}_WRITE_TRAP`);
  return reads
    .filter(
      (t) => t.from?.name.startsWith('control.exit_info') && !t.guards.some((guard) => isOfOther(guard, register)),
    )
    .slice(0, 1)
    .map((t) => ({ ...t, to: query.storage, phase: 'vm-exit', guards: [] }));
}

/** The registers whose write traps KVM asks for (svm/sev.c, `sev_es_init_vmcb`). */
const TRAPPED: ReadonlySet<string> = new Set(['CR0', 'CR4', 'CR8', 'EFER']);

/** Why a write trap may tell KVM a register's values, though nothing is found that reads them: a handler is not understood, or code is missing. */
function unseenTraps<T extends Transfer>({ register }: OwnedRegister, query: OwnerQuery<T>): readonly Reason[] {
  if (!TRAPPED.has(register)) return [];
  const handlers = query.handlersOf(`SVM_EXIT_${register}_WRITE_TRAP`);
  return handlers.length > 0 ? handlers : query.unread('vmcb');
}

/** Whether a guard is the case of another control register: the traps' exit codes are CR0's and the register's number (APM vol. 2, appendix C). */
function isOfOther(guard: Guard, register: string): boolean {
  const isOfTraps = guard.kind === 'case' && /_WRITE_TRAP\b/.test(guard.subject);
  return isOfTraps && !guard.labels.includes(register.replace(/^CR/, ''));
}

/** A register's members of the save area: `save.rax`. */
function saveAreaFields(register: string): string {
  const names = register === 'SEGMENTS' ? SEGMENTS : [register];
  return names.map((name) => `save.${name.toLowerCase()}`).join(' ');
}

/** The tests of the GHCB's valid bitmap that are made for each field (svm/svm.h's `DEFINE_KVM_GHCB_ACCESSORS`, asm/svm.h); `sw_*` fields are no registers. */
function validityTest(name: string): string | null {
  const field = /^(?:kvm_)?ghcb_(\w+)_is_valid$/.exec(name)?.[1];
  if (field === undefined || field.startsWith('sw_')) return null;
  return `asks whether the guest has marked ${field.toUpperCase()} valid in the GHCB`;
}
