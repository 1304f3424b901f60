import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FunctionSource } from '../source/functionSource.js';
import { functionsCalling, functionsNaming, functionsThat } from '../source/functionIndex.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { MASK_PREFIX } from './architecturalComponents.js';
import { isComponentMsr } from './componentMsrs.js';
import {
  ARCH_FIELDS,
  COPIES,
  FPU_MEMBERS,
  FPU_TYPES,
  HOST_STRUCT_VARIABLE,
  HOST_VARIABLES,
  isStateWord,
  SAVED_MEMBERS,
  STATE_MSRS,
  XFD_MEMBERS,
} from './stateInterfaces.js';

/** Words without one of which a function moves no XSAVE state itself. */
const STATE_WORDS: ReadonlySet<string> = new Set([
  ...HOST_VARIABLES.keys(),
  ...FPU_MEMBERS.keys(),
  // Of FPU state: what every task's and guest's is in, not the layouts of its parts.
  ...['fpu_guest', 'fpstate', 'fpregs_state', 'xregs_state'],
  ...['xsetbv', 'xgetbv', 'wrpkru', 'rdpkru', 'write_pkru', 'read_pkru', 'kvm_xcrs'],
]);

/** Members that hold a register's value, and a statement that moves one, as opposed to code that looks at it. */
const FIELDS = [...ARCH_FIELDS.keys(), ...SAVED_MEMBERS.keys(), ...XFD_MEMBERS.keys()];
const FIELD_MOVE = new RegExp(`\\b(?:${FIELDS.join('|')})\\s*=[^=]|=[^;={}]*\\b(?:${FIELDS.join('|')})\\s*;`);

/** Instructions and members by which a function of KVM's switches state or is given it, so that its callers' conditions count. */
const SWITCH_WORDS: ReadonlySet<string> = new Set(
  'xsetbv wrpkru rdpkru write_pkru read_pkru guest_fpu user_fpu host_xss'.split(' '),
);
const SWITCH_FIELD = /\b(?:xcr0|ia32_xss|xss|pkru|xfd_err)\s*=[^=]/;

/** A word of a function that reads or writes MSRs. */
const MSR_ACCESS = /(?:rd|wr|read_|write_|set_)msr|msr_write/;

/** KVM's variables of what guests may enable. */
const MASK_WORDS = ['supported_xcr0', 'supported_xss'];

/** A write to what KVM lets guests enable. */
const MASK_WRITE = /\bsupported_(?:xcr0|xss)\s*[&|]?=[^=]|&\s*(?:\w+(?:\.|->))?supported_(?:xcr0|xss)\b/;

/** The same of what the FPU core has enabled, by the last words of its variables' names. */
const CORE_WORDS = ['xfeatures_mask', 'xfeatures_mask_all', 'max_features'];
const CORE_WRITE =
  /\b(?:xfeatures_mask(?:_all)?|max_features)\s*[&|]?=[^=]|&\s*(?:\w+\.)?(?:xfeatures_mask(?:_all)?|max_features)\b/;

/** Names that only KVM's own functions use. */
const KVM_NAME = /^_*kvm|vcpu/i;

/** Longest way, in calls, from a function of the FPU core that KVM calls to one that names FPU state. */
const MOST_ROUNDS = 2;

/** Longest way, in calls, from the ioctl that has userspace's buffer to the function that copies R16-R31's slots. */
const MOST_CALLS_TO_COPY = 3;

/**
 * The functions that move XSAVE state: KVM's by their own words; those of the FPU core, which knows nothing of KVM, by what
 * they call as well, and helpers of theirs that copy memory, as far as KVM comes to them. And KVM's functions that call one
 * that switches state, for their conditions; those that name R16-R31's slots of the register cache (`slotNames`), their callers, and
 * the helpers by which they may copy.
 */
export function stateFunctions(
  outlines: readonly SourceOutline[],
  slotNames: ReadonlySet<string>,
  copyHelpers: ReadonlySet<string>,
): ReadonlySet<string> {
  const own = outlines.flatMap((file) => ownFunctions(file).moving);
  const switching = outlines.flatMap((file) => ownFunctions(file).switching);
  const core = coreFunctions(outlines);
  const callers = callersOf(outlines, new Set(switching.map((fn) => fn.name))).filter(isKvmFunction);
  const copying = [...slotFunctions(outlines, slotNames), ...maskFunctions(outlines), ...msrFunctions(outlines)];
  const functions = [...own, ...reachedCore(outlines, core), ...callers, ...copying];
  return new Set([...functions.map((fn) => fn.name), ...copyHelpers]);
}

/** KVM's functions that what guests may enable is computed by, and those that give such a function a mask. */
function maskFunctions(outlines: readonly SourceOutline[]): FunctionSource[] {
  const writing = outlines.flatMap(maskWriters);
  const found = new Set([...writing, ...callersOf(outlines, new Set(writing.map((fn) => fn.name)))]);
  let fresh = writing;
  for (let round = 0; round < MOST_MASK_CALLS; round++) {
    const called = new Set(fresh.flatMap((fn) => fn.calls.map((call) => call.name)));
    fresh = outlines.flatMap(maskComputers).filter((fn) => called.has(fn.name) && !found.has(fn));
    for (const fn of fresh) found.add(fn);
  }
  return [...found];
}

/** Longest way, in calls, from where KVM sets its mask to the helper that computes it. */
const MOST_MASK_CALLS = 3;

const maskWriters = functionsThat('maskWriters', ({ words, code, bodyStart }) => {
  const isOne = (names: readonly string[], write: RegExp) =>
    names.some((word) => words.has(word)) && write.test(code.slice(bodyStart));
  return isOne(MASK_WORDS, MASK_WRITE) || isOne(CORE_WORDS, CORE_WRITE);
});

/** Whether a function's head has a pointer to a number of 64 bits: it may be a mask's. */
export function isGivenMask(head: string): boolean {
  return /\b(?:u64|uint64_t|unsigned long(?: long)?)\s*\*/.test(head);
}

/** Whether a function, by its head, returns a number of 64 bits, which it may make of what others return. */
export function mayReturnMask(head: string): boolean {
  return /^(?:\w+\s+)*(?:u64|uint64_t)\s+\w+\s*\(/.test(head.trimStart());
}

/** The functions of a file that may return a mask, or change one that they are given the address of. */
const maskComputers = functionsThat('maskComputers', ({ words, code, bodyStart }) => {
  const head = code.slice(0, bodyStart);
  if (isGivenMask(head) || mayReturnMask(head)) return true;
  const isReturned = words.has('return') && !/^[^(]*\bvoid\b/.test(head);
  if (!isReturned && !/\([^()]*\*/.test(head)) return false;
  return [...words.keys()].some(
    (word) =>
      word.startsWith(MASK_PREFIX) ||
      word.includes('SUPPORTED_X') ||
      HOST_VARIABLES.has(word) ||
      word === HOST_STRUCT_VARIABLE,
  );
});

/** KVM's functions that name slots, and those that call them, up to where userspace's buffer is known. */
function slotFunctions(outlines: readonly SourceOutline[], slotNames: ReadonlySet<string>): FunctionSource[] {
  const found = new Set(outlines.flatMap((file) => [...slotNames].flatMap(functionsNaming(file))));
  let fresh = [...found];
  for (let round = 0; round < MOST_CALLS_TO_COPY; round++) {
    fresh = callersOf(outlines, new Set(fresh.map((fn) => fn.name))).filter((fn) => !found.has(fn));
    for (const fn of fresh) found.add(fn);
  }
  return [...found].filter(isKvmFunction);
}

/** KVM's functions of a file that move XSAVE state by their own words, and those of them that switch it. */
const ownFunctions = memoizeByIdentity((file: SourceOutline) => {
  const moving = movingFunctions(file).filter(isKvmFunction);
  return { moving, switching: moving.filter(switchesState) };
});

/** The functions of a file that move XSAVE state by their own words. */
const movingFunctions = functionsThat('movingFunctions', namesState);

function callersOf(outlines: readonly SourceOutline[], names: Iterable<string>): FunctionSource[] {
  return [...new Set([...names].flatMap((name) => functionsCalling(outlines, name)))];
}

/** The FPU core's functions by name (a stub may have the same): those that name state, and those that call one. */
function coreFunctions(outlines: readonly SourceOutline[]): ReadonlyMap<string, readonly FunctionSource[]> {
  const found = new Map<string, FunctionSource[]>();
  let fresh = outlines.flatMap((file) => movingFunctions(file).filter((fn) => !isKvmFunction(fn)));
  for (let round = 0; round <= MOST_ROUNDS && fresh.length > 0; round++) {
    for (const fn of fresh) found.set(fn.name, [...(found.get(fn.name) ?? []), fn]);
    const callers = callersOf(outlines, new Set(fresh.map((fn) => fn.name)));
    fresh = callers.filter((fn) => !found.has(fn.name) && !isKvmFunction(fn));
  }
  return found;
}

/** The core functions, and helpers that copy, which KVM's functions come to. */
function reachedCore(
  outlines: readonly SourceOutline[],
  core: ReadonlyMap<string, readonly FunctionSource[]>,
): ReadonlySet<FunctionSource> {
  const helpers = callersOf(outlines, COPIES.keys()).filter((fn) => !isKvmFunction(fn));
  const below = [...[...core.values()].flat(), ...helpers];
  const found = new Set<FunctionSource>();
  let fresh = callersOf(outlines, core.keys()).filter(isKvmFunction);
  while (fresh.length > 0) {
    const called = new Set(fresh.flatMap((fn) => fn.calls.map((call) => call.name)));
    fresh = below.filter((fn) => called.has(fn.name) && !found.has(fn));
    for (const fn of fresh) found.add(fn);
  }
  return found;
}

/** Whether a function knows of KVM, by more than its own name where it is given FPU state: `kvm_save_current_fpu(struct fpu *fpu)`. */
const isKvmFunction = memoizeByIdentity(({ name, words, code, bodyStart }: FunctionSource): boolean => {
  const isNameTelling = !GIVEN_STATE.test(code.slice(0, bodyStart));
  for (const word of words.keys()) if (KVM_NAME.test(word) && (isNameTelling || word !== name)) return true;
  return false;
});

/** A parameter that is FPU state. */
const GIVEN_STATE = new RegExp(`\\bstruct\\s+(?:${[...FPU_TYPES].join('|')})\\b`);

function namesState(fn: FunctionSource): boolean {
  const { words, code, bodyStart } = fn;
  for (const word of words.keys()) if (isStateWord(word, STATE_WORDS)) return true;
  if (words.has('kvm_xsave') && words.has('region')) return true;
  // Elsewhere a word like any other: KVM has variables of this name. Before 5.15 it held the state itself.
  if (words.has('fpu') && words.has('state') && !isKvmFunction(fn)) return true;
  if (accessesMsrByNumber(fn)) return true;
  const hasMsr = [...STATE_MSRS.keys()].some((msr) => words.has(msr));
  if (hasMsr && [...words.keys()].some((word) => MSR_ACCESS.test(word))) return true;
  const text = () => code.slice(bodyStart);
  if (FIELDS.some((field) => words.has(field)) && FIELD_MOVE.test(text())) return true;
  return (words.has('supported_xcr0') || words.has('supported_xss')) && MASK_WRITE.test(text());
}

/** KVM's functions that name an MSR which is a component's register, and those between them and the ones that access it by its number. */
function msrFunctions(outlines: readonly SourceOutline[]): FunctionSource[] {
  const accessing = new Set(
    outlines.flatMap((file) =>
      ownFunctions(file)
        .moving.filter(accessesMsrByNumber)
        .map(({ name }) => name),
    ),
  );
  const naming = outlines.flatMap(namingMsrs);
  const called = new Set(naming.flatMap((fn) => fn.calls.map((call) => call.name)));
  return [...naming, ...callersOf(outlines, accessing).filter((fn) => called.has(fn.name))];
}

const namingMsrs = functionsThat('namingMsrs', (fn) => isKvmFunction(fn) && [...fn.words.keys()].some(isComponentMsr));

/** An instruction on an MSR that a variable or a member has the number of; or one that is a component's register. */
const MSR_BY_NUMBER = /\b(?:rd|wr|read_|write_)msr\w*\s*\(\s*(?:[a-z_]\w*(?:(?:->|\.)\w+)*|(MSR_\w+))\s*[,)]/;

/** Whether KVM's function reads or writes an MSR of which callers may say that it is a component's register. */
function accessesMsrByNumber(fn: FunctionSource): boolean {
  const { words, code, bodyStart } = fn;
  if (!isKvmFunction(fn) || ![...words.keys()].some((word) => MSR_ACCESS.test(word))) return false;
  const [access, constant] = MSR_BY_NUMBER.exec(code.slice(bodyStart)) ?? [];
  return access !== undefined && (constant === undefined || isComponentMsr(constant));
}

function switchesState({ words, code, bodyStart }: FunctionSource): boolean {
  for (const word of words.keys()) if (isStateWord(word, SWITCH_WORDS)) return true;
  return SWITCH_FIELD.test(code.slice(bodyStart));
}
