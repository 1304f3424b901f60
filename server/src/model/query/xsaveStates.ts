import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { CACHE_MEMBER, CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import { LOADED_MEMBER } from '../../facts/xsave/origins.js';
import {
  ARCH_FIELDS,
  CORE_COPIES,
  FPU_MEMBERS,
  HOST_MEMBERS,
  HOST_STRUCT_VARIABLE,
  HOST_VARIABLES,
  INSTRUCTION_FUNCTIONS,
  SAVED_MEMBERS,
  STATE_MSRS,
  XCR0,
  XCR0_INDEX,
  XFD_MEMBERS,
} from '../../facts/xsave/stateInterfaces.js';
import { locationAt, type SourceText, type Span } from '../../syntax/text/sourceText.js';
import { groupBy, groupByEach } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { ownState } from '../xsave/componentUse.js';
import {
  ALL_COMPONENTS,
  type XsaveAssignment,
  type XsaveComponent,
  type XsaveModel,
  type XsaveState,
} from '../xsave/xsaveModel.js';
import { parameterNames } from './callText.js';
import { functionAt, functionText } from './functions.js';
import { structAt } from './structDefinitions.js';
import { xsaveAssignments } from './xsaveAssignments.js';
import { isMemberAt, sourceOf } from './text.js';

/** A piece of XSAVE state that can be asked about: XCR0, IA32_XSS, IA32_XFD, PKRU, a component, or all of them. */
export interface XsaveSubject {
  /** As a sentence has it: `PKRU`, `XFEATURE_YMM`, `FPU state`. */
  readonly name: string;
  /** The `state` of its transfers. */
  readonly state: XsaveState;
  /** null for a control register, and for all components together. */
  readonly component: XsaveComponent | null;
  /** Whose value a word stands for, where that is not the guest's alone: `kvm_host.xcr0` is the host's. null for a state's name. */
  readonly hostPlace: string | null;
  /** The assignments of the state on the word's line; empty for a state's name that stands at no line. */
  readonly here: readonly XsaveAssignment[];
}

/** The registers that are states of their own, as the manuals and the kernel call them. */
const REGISTER_NAMES: ReadonlyMap<string, string> = new Map([
  ['XCR0', 'XCR0'],
  ['XSS', 'XSS'],
  ['IA32_XSS', 'XSS'],
  ['XFD', 'XFD'],
  ['IA32_XFD', 'XFD'],
  ['XFD_ERR', 'XFD_ERR'],
  ['IA32_XFD_ERR', 'XFD_ERR'],
  ['PKRU', 'PKRU'],
]);

/** States whose name in a sentence is another than the contract's. */
const STATE_TITLES: ReadonlyMap<string, string> = new Map([
  ['XSS', 'IA32_XSS'],
  ['XFD', 'IA32_XFD'],
  ['XFD_ERR', 'IA32_XFD_ERR'],
  [ALL_COMPONENTS, 'FPU state'],
]);

/** The state that a user names, in any case: `pkru`, `IA32_XSS`, `XFEATURE_APX`, `XFEATURE_MASK_APX`; null for no state. */
export function xsaveStateNamed({ xsave }: RegisterModel, name: string): XsaveSubject | null {
  const state = REGISTER_NAMES.get(name.toUpperCase());
  return state === undefined ? componentNamed(xsave, name) : stateSubject(xsave, state);
}

/** The state that a word of a file means there: a component, an MSR, or what keeps a value of a state; null for any other word. */
export function xsaveStateAt(model: RegisterModel, path: string, word: Span): XsaveSubject | null {
  const source = sourceOf(model, path);
  if (!source) return null;
  const { line } = locationAt(source, word.start);
  const onLine = assignmentsByLine(model.xsave).get(`${path} ${String(line)}`) ?? [];
  const subject =
    meantAt(model, source, word) ??
    fpuStateAt(model, source, word) ??
    assignedAt(model, source.text, word, onLine) ??
    accessedAt(model, source.text, word, onLine);
  if (!subject) return null;
  const here = onLine.filter(({ state }) => state === subject.state);
  return { ...subject, here, hostPlace: hostPlaceAt(source, word, here) };
}

function meantAt({ xsave }: RegisterModel, source: SourceText, word: Span): XsaveSubject | null {
  const { text } = source;
  const name = text.slice(word.start, word.end);
  const register = XCR0_INDEX.has(name) ? XCR0 : STATE_MSRS.get(name);
  if (register) return stateSubject(xsave, register.state);
  const kept = keptByName(xsave)
    .get(name)
    ?.find(({ place }) => isNamedAt(text, word, place));
  if (kept) return stateSubject(xsave, kept.state);
  const hosts = isOfHostStruct(source, word) ? HOST_MEMBERS.get(name) : undefined;
  if (hosts) return stateSubject(xsave, hosts);
  if (structAt(source, word.start) === CACHE_STRUCT) {
    const field = ARCH_FIELDS.get(name)?.state ?? (FPU_MEMBERS.has(name) ? ALL_COMPONENTS : undefined);
    if (field !== undefined) return stateSubject(xsave, field);
  }
  // The pointer to what is loaded, in the guest's FPU state as in a task's.
  if (name === LOADED_MEMBER && isMemberAt(text, word.start)) return stateSubject(xsave, ALL_COMPONENTS);
  return componentNamed(xsave, name);
}

/** The state of IA32_XFD's value in FPU state in memory, `fpstate->xfd`; of PKRU's where a copy of the FPU core's is given its place. */
function fpuStateAt(model: RegisterModel, { path, text }: SourceText, { start, end }: Span): XsaveSubject | null {
  const name = text.slice(start, end);
  const member = XFD_MEMBERS.get(name);
  if (member !== undefined && text.endsWith(`${LOADED_MEMBER}->`, start)) return stateSubject(model.xsave, member);
  const fn = isMemberAt(text, start) ? null : functionAt(model, path, start);
  const copy = fn && CORE_COPIES.get(fn.name);
  const isPkru = fn && copy && parameterNames(functionText(model, fn))[copy.pkru] === name;
  return isPkru ? stateSubject(model.xsave, 'PKRU') : null;
}

/** The state of a member that one of a line's assignments goes to or comes from: `hostsa->xcr0`. */
function assignedAt(
  { xsave }: RegisterModel,
  text: string,
  word: Span,
  onLine: readonly XsaveAssignment[],
): XsaveSubject | null {
  if (!isMemberAt(text, word.start)) return null;
  const isOne = isNamed(text.slice(word.start, word.end));
  const found = onLine.find(({ from, to }) => isOne(to) || (from !== null && isOne(from)));
  return found && found.state !== ALL_COMPONENTS ? stateSubject(xsave, found.state) : null;
}

/** The state that a call reads or writes: by an instruction (`xsetbv`), by the line that it stands on; by an accessor of a field's (`ghcb_get_xcr0`). */
function accessedAt(
  { xsave, symbols }: RegisterModel,
  text: string,
  word: Span,
  onLine: readonly XsaveAssignment[],
): XsaveSubject | null {
  if (text[word.end] !== '(') return null;
  const name = text.slice(word.start, word.end);
  const access = placeTables(symbols.backends).functionNamed(name);
  const field = typeof access?.field === 'string' ? SAVED_MEMBERS.get(access.field) : undefined;
  if (field !== undefined) return stateSubject(xsave, field);
  if (!Object.values(INSTRUCTION_FUNCTIONS).some((pattern) => pattern.test(name))) return null;
  const isOfHardware = ({ from, to }: XsaveAssignment) => from?.kind === 'hardware' || to.kind === 'hardware';
  const found = onLine.find((at) => at.state !== ALL_COMPONENTS && isOfHardware(at));
  return found ? stateSubject(xsave, found.state) : null;
}

/** The place of the host's that a word names; null for one that may be the guest's. */
function hostPlaceAt(source: SourceText, word: Span, here: readonly XsaveAssignment[]): string | null {
  const { text } = source;
  const name = text.slice(word.start, word.end);
  if (HOST_VARIABLES.has(name)) return name;
  if (ARCH_FIELDS.get(name)?.owner === 'host') return `${CACHE_MEMBER}.${name}`;
  if (isOfHostStruct(source, word)) return `${HOST_STRUCT_VARIABLE}.${name}`;
  const ends = here.flatMap(({ from, to }) => (from ? [from, to] : [to])).filter(isNamed(name));
  const [first] = ends;
  return first && ends.every(({ kind }) => kind === 'host') ? first.name : null;
}

function isNamed(name: string): (place: Place) => boolean {
  return (place) => place.kind !== 'hardware' && /\b\w+$/.exec(place.name)?.[0] === name;
}

/** Whether a word is a member of KVM's struct of host values, where that is used or defined. */
function isOfHostStruct(source: SourceText, { start }: Span): boolean {
  return (
    new RegExp(`\\b${HOST_STRUCT_VARIABLE}\\.$`).test(source.text.slice(Math.max(0, start - 20), start)) ||
    structAt(source, start) === `${HOST_STRUCT_VARIABLE}_values`
  );
}

const assignmentsByLine = memoizeByIdentity((xsave: XsaveModel) =>
  groupBy(xsaveAssignments({ xsave }), ({ file, line }) => `${file} ${String(line)}`),
);

/** The words that may name a state in a tree. */
export function xsaveStateWords({ xsave }: RegisterModel): string[] {
  const components = xsave.components.flatMap(({ name, mask }) => [name, ...(mask ? [mask.name] : [])]);
  const words = [
    components,
    STATE_MSRS.keys(),
    XCR0_INDEX,
    ARCH_FIELDS.keys(),
    [LOADED_MEMBER],
    keptByName(xsave).keys(),
  ];
  return [...new Set(words.flatMap((some) => [...some]))].sort();
}

/** Of a subject that no line is asked about. */
const NO_PLACE = { hostPlace: null, here: [] } as const;

/** A component as a subject; PKRU is one and a register that KVM switches by itself. */
export function componentSubject(component: XsaveComponent): XsaveSubject {
  return { ...NO_PLACE, name: component.name, state: ownState(component) ?? component.name, component };
}

/** A state as a sentence has it. */
export function stateTitle(state: XsaveState): string {
  return STATE_TITLES.get(state) ?? state;
}

/** A place that keeps a value of a state. */
interface KeptState {
  readonly place: Place;
  readonly state: XsaveState;
}

/** The places that keep values of states, by the last word of their names. */
const keptByName = memoizeByIdentity((xsave: XsaveModel): ReadonlyMap<string, readonly KeptState[]> => {
  const places = xsaveAssignments({ xsave }).flatMap(({ from, to, state }) =>
    [from, to].flatMap((place) => (place ? [{ place, state }] : [])),
  );
  return groupByEach(places, ({ place }) => /\b\w+$/.exec(place.name) ?? []);
});

/** Whether the text up to a word's end is a place as code names it: `vcpu->arch.xcr0` is `arch.xcr0`. */
function isNamedAt(text: string, word: Span, { kind, name }: Place): boolean {
  // A protocol's field has a name that anything may have.
  if (
    kind === 'hardware' ||
    kind === 'userspace' ||
    !(name.includes('.') || name.includes('->') || HOST_VARIABLES.has(name))
  )
    return false;
  const start = word.end - name.length;
  return start <= word.start && text.endsWith(name, word.end) && !/\w/.test(text[start - 1] ?? '');
}

function componentNamed(xsave: XsaveModel, name: string): XsaveSubject | null {
  const [component] = componentsByName(xsave).get(name.toUpperCase()) ?? [];
  return component ? componentSubject(component) : null;
}

const componentsByName = memoizeByIdentity(({ components }: XsaveModel) =>
  groupByEach(components, ({ name, mask }) => [name, mask?.name ?? name].map((any) => any.toUpperCase())),
);

function stateSubject({ components }: XsaveModel, state: XsaveState): XsaveSubject {
  const component = components.find((c) => componentSubject(c).state === state) ?? null;
  return { ...NO_PLACE, name: stateTitle(state), state, component };
}
