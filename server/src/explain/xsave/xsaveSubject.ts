import type { Place } from '../../backends/place.js';
import { LOADED_MEMBER } from '../../facts/xsave/origins.js';
import { ARCH_FIELDS, FPU_MEMBERS, STATE_MSRS, XCR0, XCR0_INDEX } from '../../facts/xsave/stateInterfaces.js';
import { CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { ownState } from '../../model/xsave/componentUse.js';
import {
  ALL_COMPONENTS,
  type XsaveComponent,
  type XsaveState,
  type XsaveAssignment,
} from '../../model/xsave/xsaveModel.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Span } from '../../syntax/text/sourceText.js';

/** A piece of XSAVE state that can be asked about: XCR0, IA32_XSS, IA32_XFD, PKRU, a component, or all of them. */
export interface XsaveSubject {
  /** As a sentence has it: `PKRU`, `XFEATURE_YMM`, `FPU state`. */
  readonly name: string;
  /** The `state` of its transfers. */
  readonly state: XsaveState;
  /** null for a control register, and for all components together. */
  readonly component: XsaveComponent | null;
  /** The register that is meant of a state that has two; null for all of the state. */
  readonly register: string | null;
}

/** The registers that are states of their own, as the manuals and the kernel call them. */
const REGISTER_NAMES: ReadonlyMap<string, string> = new Map([
  ['XCR0', 'XCR0'],
  ['XSS', 'XSS'],
  ['IA32_XSS', 'XSS'],
  ['XFD', 'XFD'],
  ['IA32_XFD', 'XFD'],
  ['PKRU', 'PKRU'],
]);

/** IA32_XFD's other register, which says why XFD refused an instruction (SDM vol. 1, 13.14): as the manual and the kernel call it. */
const XFD_ERR = { register: 'IA32_XFD_ERR', state: 'XFD', names: /^(?:(?:MSR_)?IA32_)?XFD_ERR$/i };

/** The state that a user names, in any case: `pkru`, `IA32_XSS`, `XFEATURE_APX`, `XFEATURE_MASK_APX`; null for no state. */
export function xsaveSubjectNamed(model: RegisterModel, name: string): XsaveSubject | null {
  if (XFD_ERR.names.test(name)) return xfdErrSubject();
  const state = REGISTER_NAMES.get(name.toUpperCase());
  return state === undefined ? componentNamed(model, name.toUpperCase()) : stateSubject(model, state);
}

/** The state that a word of a file means there: a component, an MSR, or what keeps a value of a state. */
export function xsaveSubjectAt(model: RegisterModel, path: string, word: Span): XsaveSubject | null {
  const text = model.files.get(path)?.source.text ?? '';
  const name = text.slice(word.start, word.end);
  const register = XCR0_INDEX.has(name) ? XCR0 : STATE_MSRS.get(name);
  if (register) return register.name === XFD_ERR.register ? xfdErrSubject() : stateSubject(model, register.state);
  const kept = waysOf(model).find(({ from, to }) => isNamedAt(text, word, from) || isNamedAt(text, word, to));
  if (kept) return XFD_ERR.names.test(name) ? xfdErrSubject() : stateSubject(model, kept.state);
  if (isInStruct(text, word.start, CACHE_STRUCT)) {
    const field = ARCH_FIELDS.get(name)?.state ?? (FPU_MEMBERS.has(name) ? ALL_COMPONENTS : undefined);
    if (field !== undefined) return stateSubject(model, field);
  }
  // The pointer to what is loaded, in the guest's FPU state as in a task's.
  if (name === LOADED_MEMBER && /(?:\.|->)$/.test(text.slice(word.start - 2, word.start)))
    return stateSubject(model, ALL_COMPONENTS);
  return componentNamed(model, name.toUpperCase());
}

/** Every transfer of XSAVE state, and every value that KVM sets. */
export const waysOf = memoizeByIdentity(({ xsave }: RegisterModel): readonly XsaveAssignment[] => [
  ...xsave.transfers,
  ...xsave.settings,
]);

/** The transfers of a state by itself; a component's own only, not those of all components together. */
export function waysOfState(model: RegisterModel, { state, register }: XsaveSubject): XsaveAssignment[] {
  const isMeant = (place: Place | null) =>
    place?.kind === 'hardware' ? place.name === register : XFD_ERR.names.test(place?.name.split('.').at(-1) ?? '');
  return waysOf(model).filter(
    (way) => way.state === state && (register === null || isMeant(way.from) || isMeant(way.to)),
  );
}

function xfdErrSubject(): XsaveSubject {
  return { name: XFD_ERR.register, state: XFD_ERR.state, component: null, register: XFD_ERR.register };
}

function componentNamed(model: RegisterModel, name: string): XsaveSubject | null {
  const component = model.xsave.components.find((c) => isSame(c.name, name) || isSame(c.mask?.name, name));
  return component ? componentSubject(component) : null;
}

/** A component; PKRU is one and a register that KVM switches by itself. */
export function componentSubject(component: XsaveComponent): XsaveSubject {
  return { name: component.name, state: ownState(component) ?? component.name, component, register: null };
}

function isSame(name: string | undefined, other: string): boolean {
  return name?.toUpperCase() === other;
}

function stateSubject(model: RegisterModel, state: XsaveState): XsaveSubject {
  const component = model.xsave.components.find((c) => componentSubject(c).state === state) ?? null;
  return { name: stateTitle(state), state, component, register: null };
}

/** A state as a sentence has it. */
export function stateTitle(state: XsaveState): string {
  return STATE_TITLES.get(state) ?? state;
}

/** States whose name in a sentence is another than the contract's. */
const STATE_TITLES: ReadonlyMap<string, string> = new Map([
  ['XSS', 'IA32_XSS'],
  ['XFD', 'IA32_XFD'],
  [ALL_COMPONENTS, 'FPU state'],
]);

/** Whether the text up to a word's end is a place as code names it: `vcpu->arch.xcr0` is `arch.xcr0`. */
function isNamedAt(text: string, word: Span, place: Place | null): boolean {
  if (!place || place.kind === 'hardware' || place.kind === 'userspace') return false;
  const start = word.end - place.name.length;
  return start <= word.start && text.endsWith(place.name, word.end) && !/\w/.test(text[start - 1] ?? '');
}

/** Whether an offset is inside the definition of a struct, which ends with a brace at the beginning of a line. */
function isInStruct(text: string, offset: number, tag: string): boolean {
  const head = text.lastIndexOf(`struct ${tag} {`, offset);
  return head >= 0 && !text.slice(head, offset).includes('\n}');
}
