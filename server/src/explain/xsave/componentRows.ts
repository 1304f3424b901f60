import { evidenceText } from '../explanation.js';
import { vendorsText } from './componentNotes.js';
import { ioctlsOf, staleCopies, useOf } from '../../model/xsave/componentUse.js';
import {
  ALL_COMPONENTS,
  type XsaveComponent,
  type XsaveModel,
  type XsaveTransfer,
} from '../../model/xsave/xsaveModel.js';

/** The titles of a component's row. */
export const COMPONENT_TITLES = ['#', 'component', 'holds', 'size', 'KVM', 'loaded', 'userspace'] as const;

/** A row for each component. */
export function componentRows(model: XsaveModel): string[][] {
  return model.components.map((component) => {
    const { loads, user } = useOf(model, component);
    return [
      component.number === null ? '?' : String(component.number),
      componentName(component),
      component.holds ?? 'not known',
      component.size?.struct ?? 'CPUID 0xD',
      { yes: 'yes', no: 'no', conditional: 'conditional', unknown: 'not known' }[component.supported],
      component.unknown.length > 0 ? 'not known' : (unique(loads.map(loadMoment))[0] ?? '-'),
      userspaceText(component, user),
    ];
  });
}

/** `PKRU` of `XFEATURE_PKRU`; as its mask is called, where that is shorter. */
export function componentName({ name, mask }: XsaveComponent): string {
  const own = name.replace(/^XFEATURE_/, '');
  const masked = mask?.name.replace(/^XFEATURE_MASK_/, '');
  return masked !== undefined && own.startsWith(masked) ? masked : own;
}

/** When a component is loaded for a guest: before each VM-entry, or once for many. */
function loadMoment({ state, phase }: XsaveTransfer): string {
  return phase === 'vm-entry' && state !== ALL_COMPONENTS ? 'VM-entry' : 'KVM_RUN';
}

function userspaceText(component: XsaveComponent, user: readonly XsaveTransfer[]): string {
  if (component.supported === 'no') return '-';
  const ioctls = unique(user.flatMap(ioctlsOf));
  // KVM_GET_FPU has what KVM_GET_XSAVE has as well.
  const whole = ioctls.filter((name) => name.includes('XSAVE'));
  if (ioctls.length > 0) return ioctlsText(whole.length > 0 ? whole : ioctls);
  const shared = unique(user.flatMap(sharedMemory));
  if (shared.length > 0) return shared.join(', ');
  if (component.isUserspaceOpen) return 'not known';
  if (component.enabledIn !== 'XSS') return '-';
  return user.length > 0 ? 'by MSR' : 'not known';
}

/** The struct of userspace's that a transfer is of, where no ioctl of its own does it: the page of struct kvm_run. */
function sharedMemory({ from, to, initiators }: XsaveTransfer): string[] {
  if (initiators.length > 0) return [];
  return [from, to].flatMap(({ kind, name }) => (kind === 'userspace' ? name.split('.', 1) : []));
}

/** `KVM_GET/SET_XSAVE` of KVM_GET_XSAVE, KVM_GET_XSAVE2 and KVM_SET_XSAVE. */
function ioctlsText(ioctls: readonly string[]): string {
  const parts = ioctls.map((name) => /^KVM_([GS]ET)_(\w+)$/.exec(name.replace(/\d$/, ''))?.slice(1) ?? ['', name]);
  return unique(parts.map(([, what = '']) => what))
    .map((what) => {
      const directions = unique(parts.flatMap(([way = '', other]) => (other === what && way !== '' ? [way] : [])));
      return directions.length > 0 ? `KVM_${directions.sort().join('/')}_${what}` : what;
    })
    .join(', ');
}

/** What is special about some components: their names, and sentences with evidence. */
interface SpecialCase {
  readonly names: readonly string[];
  readonly lines: readonly string[];
}

/** Components with the same sentences share a row. */
export function specialCases(model: XsaveModel): SpecialCase[] {
  const found = new Map<string, SpecialCase>();
  for (const component of model.components) {
    const lines = [...fpuLines(component), ...apartLines(model, component)];
    if (lines.length === 0) continue;
    const key = lines.join('\n');
    found.set(key, { names: [...(found.get(key)?.names ?? []), componentName(component)], lines });
  }
  return [...found.values()];
}

function fpuLines({ fpu, supported, supportedBy, enabledIn }: XsaveComponent): string[] {
  const at = fpu.evidence.map(evidenceText).join(' ');
  const lines: string[] = [];
  if (new Set(supportedBy.map((own) => own.supported)).size > 1)
    lines.push(`guests may enable it: ${vendorsText(supportedBy)}`);
  if (fpu.isDynamic)
    lines.push(`dynamic: in a guest's fpstate only after userspace asked for it; gated by IA32_XFD ${at}`);
  if (fpu.support === 'guest-only') lines.push(`the FPU core has it in guests' fpstates only ${at}`);
  if (fpu.support === 'independent')
    lines.push(`the FPU core saves it to a buffer of its own, not with the rest ${at}`);
  if (fpu.support === 'none' && enabledIn !== null) lines.push('the FPU core does not enable it');
  if (!['none', 'unknown', 'independent'].includes(fpu.support) && supported === 'no')
    lines.push(`the FPU core switches it, but guests cannot enable it in ${enabledIn === 'XSS' ? 'IA32_XSS' : 'XCR0'}`);
  return lines;
}

/** A component whose value goes to userspace another way than the others' (PKRU). */
function apartLines(model: XsaveModel, component: XsaveComponent): string[] {
  const { loads, stores, user } = useOf(model, component);
  const [place] = [...loads, ...stores, ...user].flatMap((t) => [t.from, t.to].filter(({ kind }) => kind === 'cache'));
  if (!place)
    return component.unknown.map(
      ({ file, line, what, why }) =>
        `not known what moves it: ${what} ${why} ${evidenceText({ file, line: line ?? 1 })}`,
    );
  const at = (transfers: readonly XsaveTransfer[]) => unique(transfers.map(evidenceText)).join(' ');
  const stale = staleCopies(model, component);
  return [
    `kept in ${place.name}, apart from the fpstate; ${userspaceWays(component, user)} ${at(user)}`.trimEnd(),
    ...(stale.length > 0
      ? [`the fpstate's area of it is copied as well, which is not where the guest's value is ${at(stale)}`]
      : []),
  ];
}

/** Whether KVM copies a component that it keeps apart to userspace's buffer, and from it. */
function userspaceWays({ isUserspaceOpen }: XsaveComponent, user: readonly XsaveTransfer[]): string {
  const isGiven = user.some(({ to }) => to.kind === 'userspace');
  const isTaken = user.some(({ from }) => from.kind === 'userspace' || from.kind === 'fpstate');
  const open = (what: string) => `whether KVM ${what} is not known`;
  const given = isGiven ? "KVM puts it into userspace's buffer" : "KVM does not put it into userspace's buffer";
  const taken = isTaken ? 'takes it out there' : 'does not take it out there';
  if (!isUserspaceOpen || (isGiven && isTaken)) return `${given} and ${taken}`;
  if (isGiven) return `${given}, and ${open('takes it out there')}`;
  if (isTaken) return `KVM takes it out of userspace's buffer, and ${open('puts it in there')}`;
  return open("puts it into userspace's buffer and takes it out there");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
