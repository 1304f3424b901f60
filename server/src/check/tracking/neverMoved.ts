import { GPR_NAMES } from '../../facts/registers/registerFile.js';
import type { Register, RegisterModel } from '../../model/registerModel.js';
import type { Finding, Rule } from '../finding.js';
import { isSelfLoaded } from './neverLoaded.js';
import { hasCallback, type TrackedCode, trackedCode } from './trackedCode.js';

const id = 'tracking/never-moved';

/** A register that is declared and that no code moves. */
export const NEVER_MOVED: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
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
    const code = trackedCode(model);
    return model.registers.flatMap((register) => {
      const { member } = register;
      if (!member || register.class === 'exit-info') return [];
      const switching = switchingBackends(model).filter((backend) => code.whole.has(backend));
      if (!isMoved(register)) {
        if (register.owners.some(({ unknown }) => unknown.load.length + unknown.store.length > 0)) return [];
        if (!isPlaceShown(code, register, switching) || isSelfLoaded(code, member.name)) return [];
        return [finding(register, 'but no code moves it')];
      }
      return switching
        .filter((backend) => isLeftOut(register, backend) && hasCallback(code, backend))
        .map((backend) => finding(register, `but ${backend.toUpperCase()} never moves it, as it does other GPRs`));
    });
  },
};

/** Whether a tree shows the code that would move a register: the world switch for a GPR, the XCR0 switch too for R16-R31. */
function isPlaceShown({ model, whole }: TrackedCode, register: Register, switching: readonly string[]): boolean {
  if (register.class !== 'gpr') return visibleBackends(model).every((name) => whole.has(name));
  const switchesXcr0 = () => model.xsave.transfers.some((t) => t.state === 'XCR0' && t.to.kind === 'hardware');
  return switching.length > 0 && (isFirst16(register) || switchesXcr0());
}

/**
 * The backends whose guests' registers KVM can see. The code of one may be the only one that moves a register: RFLAGS and segments are
 * VMX's, SVM reads them where they are.
 */
function visibleBackends({ symbols }: RegisterModel): string[] {
  return symbols.backends.filter(({ hiddenIn }) => hiddenIn === null).map(({ name }) => name);
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

function finding({ member, register }: Register, what: string): Finding {
  const start = member?.offset ?? 0;
  return {
    rule: id,
    file: member?.declared?.file ?? '',
    span: { start, end: start + (member?.name.length ?? 0) },
    message: `${register} is declared, ${what}`,
    related: [],
  };
}
