import type { OutlineItem } from '../../syntax/outline.js';
import type { SourceOutline } from '../sourceOutline.js';
import {
  ARCH_FIELDS,
  COPIES,
  FPU_MEMBERS,
  HOST_VARIABLES,
  SAVED_MEMBERS,
  STATE_MSRS,
  XFD_MEMBERS,
} from './interfaces.js';

/** Words without one of which a function moves no XSAVE state itself. */
const STATE_WORDS: ReadonlySet<string> = new Set([
  ...HOST_VARIABLES.keys(),
  ...FPU_MEMBERS.keys(),
  // Of FPU state: what every task's and guest's is in, not the layouts of its parts.
  ...['fpu_guest', 'fpstate', 'fpregs_state', 'xregs_state'],
  ...['xsetbv', 'xgetbv', 'wrpkru', 'rdpkru', 'write_pkru', 'read_pkru', 'kvm_xcrs'],
]);

/** Members that hold a register's value, and a statement that moves one, as opposed to code that looks at it. */
const FIELDS = [...ARCH_FIELDS.keys(), ...SAVED_MEMBERS.keys(), ...XFD_MEMBERS];
const FIELD_MOVE = new RegExp(`\\b(?:${FIELDS.join('|')})\\s*=[^=]|=[^;={}]*\\b(?:${FIELDS.join('|')})\\s*;`);

/** Instructions and members by which a function of KVM's switches state or is given it, so that its callers' conditions count. */
const SWITCH_WORDS = ['xsetbv', 'wrpkru', 'rdpkru', 'write_pkru', 'guest_fpu', 'user_fpu', 'host_xss'];
const SWITCH_FIELD = /\b(?:xcr0|ia32_xss|xss|pkru|xfd_err)\s*=[^=]/;

/** A word of a function that reads or writes MSRs. */
const MSR_ACCESS = /(?:rd|wr|read_|write_)msr/;

/** A write to what KVM lets guests enable. */
const MASK_WRITE = /\bsupported_(?:xcr0|xss)\s*[&|]?=[^=]/;

/** Names that only KVM's own functions use. */
const KVM_NAME = /^_*kvm|vcpu/i;

/** Longest way, in calls, from a function of the FPU core that KVM calls to one that names FPU state. */
const MOST_ROUNDS = 2;

/** A word that says a file has to do with XSAVE state at all. */
const ANY_WORD = new RegExp(
  `\\b(?:${[...STATE_WORDS, ...FIELDS, ...STATE_MSRS.keys(), 'kvm_xsave', 'supported_xcr0', 'supported_xss', 'fpu'].join('|')})\\b`,
);

/** A file's functions as far as they matter here. */
interface FileState {
  readonly functions: readonly OutlineItem[];
  readonly calls: ReadonlySet<string>;
  /** Those of KVM that move state by their own words. */
  readonly own: readonly OutlineItem[];
  /** Those of them that switch state. */
  readonly switching: readonly OutlineItem[];
  /** Those of the FPU core that name state. */
  readonly core: readonly OutlineItem[];
}

/** Each file's, read once. */
const knownFiles = new WeakMap<SourceOutline, FileState>();

function fileState(file: SourceOutline): FileState {
  const known = knownFiles.get(file) ?? readFileState(file);
  knownFiles.set(file, known);
  return known;
}

function readFileState(file: SourceOutline): FileState {
  const functions = file.items.filter((item) => item.kind === 'function');
  const calls = new Set(functions.flatMap((item) => item.calls.map((call) => call.name)));
  const named = ANY_WORD.test(file.code) ? functions.filter((item) => namesState(file, item)) : [];
  const own = named.filter(isKvms);
  const switching = own.filter((item) => switchesState(file, item));
  return { functions, calls, own, switching, core: named.filter((item) => !isKvms(item)) };
}

/**
 * The functions that move XSAVE state: KVM's by their own words; those of the FPU core, which knows nothing of KVM, by what
 * they call as well, and helpers of theirs that copy memory, as far as KVM comes to them. And KVM's functions that call one
 * that switches state, for their conditions.
 */
export function stateFunctions(outlines: readonly SourceOutline[]): ReadonlySet<string> {
  const files = outlines.map(fileState);
  const core = coreFunctions(files);
  const switching = new Set(files.flatMap((file) => namesOf(file.switching)));
  return new Set([
    ...files.flatMap((file) => namesOf(file.own)),
    ...reachedCore(files, core),
    ...namesOf(callersOf(files, switching).filter(isKvms)),
  ]);
}

function namesOf(items: readonly OutlineItem[]): string[] {
  return items.map((item) => item.name);
}

/** The functions that call one of those named. */
function callersOf(files: readonly FileState[], names: ReadonlySet<string>): OutlineItem[] {
  return files.flatMap(({ functions, calls }) => {
    const called = [...names].filter((name) => calls.has(name));
    return called.length === 0 ? [] : functions.filter((item) => item.calls.some((call) => called.includes(call.name)));
  });
}

/** The FPU core's functions: those that name state, and those that call one. */
function coreFunctions(files: readonly FileState[]): ReadonlySet<OutlineItem> {
  const found = new Set(files.flatMap((file) => file.core));
  let fresh: readonly OutlineItem[] = [...found];
  for (let round = 0; round < MOST_ROUNDS && fresh.length > 0; round++) {
    fresh = callersOf(files, new Set(namesOf(fresh))).filter((item) => !found.has(item) && !isKvms(item));
    for (const item of fresh) found.add(item);
  }
  return found;
}

/** The names of core functions, and of helpers beside them that copy, which KVM's functions come to. */
function reachedCore(files: readonly FileState[], core: ReadonlySet<OutlineItem>): ReadonlySet<string> {
  const helpers = files
    .filter((file) => file.core.length > 0)
    .flatMap(({ functions }) => functions.filter((item) => item.calls.some((call) => COPIES.has(call.name))));
  const below = [...core, ...helpers.filter((item) => !isKvms(item))];
  const found = new Set<string>();
  let fresh = callersOf(files, new Set(namesOf([...core]))).filter(isKvms);
  while (fresh.length > 0) {
    const called = new Set(fresh.flatMap((item) => item.calls.map((call) => call.name)));
    fresh = below.filter((item) => called.has(item.name) && !found.has(item.name));
    for (const item of fresh) found.add(item.name);
  }
  return found;
}

function isKvms({ words }: OutlineItem): boolean {
  for (const word of words.keys()) if (KVM_NAME.test(word)) return true;
  return false;
}

function namesState(file: SourceOutline, item: OutlineItem): boolean {
  const { words } = item;
  for (const word of words.keys()) if (STATE_WORDS.has(word)) return true;
  if (words.has('kvm_xsave') && words.has('region')) return true;
  // Elsewhere a word like any other: KVM has variables of this name. Before 5.15 it held the state itself.
  if (words.has('fpu') && words.has('state') && !isKvms(item)) return true;
  const hasMsr = [...STATE_MSRS.keys()].some((msr) => words.has(msr));
  if (hasMsr && [...words.keys()].some((word) => MSR_ACCESS.test(word))) return true;
  const text = () => file.code.slice(item.bodyStart, item.end);
  if (FIELDS.some((field) => words.has(field)) && FIELD_MOVE.test(text())) return true;
  return (words.has('supported_xcr0') || words.has('supported_xss')) && MASK_WRITE.test(text());
}

function switchesState(file: SourceOutline, item: OutlineItem): boolean {
  return (
    SWITCH_WORDS.some((word) => item.words.has(word)) || SWITCH_FIELD.test(file.code.slice(item.bodyStart, item.end))
  );
}
