import { isOpen } from '../../backends/owner.js';
import { GPR_NAMES } from '../../facts/registers/registerMember.js';
import { hasCacheCallback, readableBackends, wholeBackends } from '../../model/query/backends.js';
import { declarationOf } from '../../model/query/registers.js';
import type { Register, RegisterModel, RegisterOwner } from '../../model/registerModel.js';
import { finding, type Rule } from '../finding.js';
import { isSelfLoaded } from './neverLoaded.js';

const ID = 'tracking/never-moved';

/** A register that is declared and that no code moves. */
export const neverMoved: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register of the enum is moved by no code.',
  why: "A member of the enum has a slot, or an avail bit, in the register cache. If nothing moves its value between the cache and where it lives, whoever reads it gets what was never there; and a backend that switches all GPRs but one gives the guest the host's.",
  exemptions: [
    'Aliases and end markers of the enum, and exit information, which is no register.',
    'Registers that load themselves under a test of their avail bit.',
    'R16-R31 of a backend, as long as another one moves them: a series may begin with one vendor.',
    'Backends whose guests are protected, and those of which the tree shows no code that runs a guest, or none that fetches registers.',
    'Registers whose place the tree does not show: a GPR where no GPR is switched, R16-R31 where XCR0 is not either, others where the code of VMX or SVM is missing.',
  ],
  find: (model) => {
    const switching = switchingBackends(model).filter((backend) => wholeBackends(model).has(backend));
    return model.registers.flatMap((register) => {
      const { member } = register;
      const declared = member && declarationOf(member);
      if (!declared || register.class === 'exit-info') return [];
      const found = (lack: string) => finding(ID, declared, `${register.register} is declared, but ${lack}`);
      if (!isMoved(register)) {
        if (register.owners.some((owner) => isOpen(owner.unknown) && !isProtected(model, owner))) return [];
        if (!isPlaceShown(model, register, switching) || isSelfLoaded(model, member.name)) return [];
        return [found('no code moves it')];
      }
      return switching
        .filter((backend) => isLeftOut(register, backend) && hasCacheCallback(model, backend))
        .map((backend) => found(`${backend.toUpperCase()} never moves it, as it does other GPRs`));
    });
  },
};

/** Whether an owner is of guests whose registers KVM cannot read. */
function isProtected({ backends }: RegisterModel, { backend }: RegisterOwner): boolean {
  return backends.some(
    ({ name, definition }) => name === backend && definition !== null && definition.hiddenIn !== null,
  );
}

/**
 * Whether a tree shows the code that would move a register: the world switch for a GPR, the XCR0 switch too for R16-R31. The code
 * of one backend may be the only one that moves any other: RFLAGS and segments are VMX's, SVM reads them where they are.
 */
function isPlaceShown(model: RegisterModel, register: Register, switching: readonly string[]): boolean {
  if (register.class !== 'gpr') return readableBackends(model).every((name) => wholeBackends(model).has(name));
  const switchesXcr0 = () => model.xsave.transfers.some((t) => t.state === 'XCR0' && t.to.kind === 'hardware');
  return switching.length > 0 && (isFirst16(register) || switchesXcr0());
}

/** Whether some code copies the register from one place to another. */
function isMoved({ transfers, owners }: Register): boolean {
  const isMove = ({ from, to }: Register['transfers'][number]) => from !== null && to !== null;
  return transfers.some(isMove) || owners.some(({ load, store }) => load.length + store.length > 0);
}

/** The backends that switch GPRs in assembly. */
function switchingBackends(model: RegisterModel): string[] {
  const isSwitched = (backend: string) =>
    model.registers.some(({ owners }) => owners.some((o) => o.backend === backend && o.sync === 'switched'));
  return model.backends.map(({ name }) => name).filter(isSwitched);
}

function isLeftOut(register: Register, backend: string): boolean {
  return isFirst16(register) && register.owners.some((o) => o.backend === backend && o.sync === 'none');
}

function isFirst16({ class: kind, register }: Register): boolean {
  return kind === 'gpr' && GPR_NAMES.indexOf(register) < 16;
}
