import type { OutlineItem } from '../../syntax/outline.js';
import type { SourceOutline } from '../sourceOutline.js';
import {
  ARCH_FIELDS,
  COPIES,
  FPU_MEMBERS,
  FPU_TYPES,
  HOST_VARIABLES,
  SAVED_MEMBERS,
  STATE_MSRS,
  XFD_MEMBERS,
} from './interfaces.js';

/** Words without one of which a function moves no XSAVE state itself. */
const STATE_WORDS: ReadonlySet<string> = new Set([
  ...ARCH_FIELDS.keys(),
  ...SAVED_MEMBERS.keys(),
  ...HOST_VARIABLES.keys(),
  ...FPU_MEMBERS.keys(),
  ...[...FPU_TYPES].filter((type) => type !== 'fpu'),
  ...XFD_MEMBERS,
  ...['xsetbv', 'xgetbv', 'wrpkru', 'rdpkru', 'write_pkru', 'read_pkru', 'kvm_xcrs'],
]);

/** A word of a function that reads or writes MSRs. */
const MSR_ACCESS = /(?:rd|wr|read_|write_)msr/;

/** A write to what KVM lets guests enable. */
const MASK_WRITE = /\bsupported_(?:xcr0|xss)\s*[&|]?=[^=]/;

/** Names that only KVM's own functions use. */
const KVM_NAME = /^_*kvm|vcpu/i;

/** Longest way, in calls, from a function of the FPU core that KVM calls to one that names FPU state. */
const MOST_ROUNDS = 2;

interface Located {
  readonly file: SourceOutline;
  readonly item: OutlineItem;
}

/**
 * The functions that move XSAVE state: KVM's by their own words; those of the FPU core, which knows nothing of KVM, by what
 * they call as well, and helpers of theirs that copy memory, as far as KVM comes
 * to them. And KVM's functions that call one of these, for their conditions.
 */
export function stateFunctions(outlines: readonly SourceOutline[]): ReadonlySet<string> {
  const all = outlines.flatMap((file) =>
    file.items.filter((item) => item.kind === 'function').map((item): Located => ({ file, item })),
  );
  const named = all.filter(namesState);
  const own = named.filter((fn) => isKvms(fn.item));
  const core = coreFunctions(
    all,
    named.filter((fn) => !isKvms(fn.item)),
  );
  const found = new Set(own.map(({ item }) => item.name));
  const helpers = all.filter(({ item }) => item.calls.some((call) => COPIES.has(call.name)) && !isKvms(item));
  const below = [...[...core.values()].flat(), ...helpers];
  let fresh = all.filter(({ item }) => item.calls.some((call) => core.has(call.name)) && isKvms(item));
  while (fresh.length > 0) {
    const called = new Set(fresh.flatMap(({ item }) => item.calls.map((call) => call.name)));
    fresh = below.filter(({ item }) => called.has(item.name) && !found.has(item.name));
    for (const { item } of fresh) found.add(item.name);
  }
  const callers = all.filter(({ item }) => item.calls.some((call) => found.has(call.name)) && isKvms(item));
  return new Set([...found, ...callers.map(({ item }) => item.name)]);
}

function isKvms({ words }: OutlineItem): boolean {
  for (const word of words.keys()) if (KVM_NAME.test(word)) return true;
  return false;
}

/** The FPU core's functions by name (a stub may have the same): those that name state, and those that call one. */
function coreFunctions(all: readonly Located[], named: readonly Located[]): ReadonlyMap<string, readonly Located[]> {
  const found = new Map<string, Located[]>();
  let fresh = named;
  for (let round = 0; round <= MOST_ROUNDS && fresh.length > 0; round++) {
    for (const fn of fresh) found.set(fn.item.name, [...(found.get(fn.item.name) ?? []), fn]);
    fresh = all.filter(
      ({ item }) => !found.has(item.name) && item.calls.some((call) => found.has(call.name)) && !isKvms(item),
    );
  }
  return found;
}

function namesState({ file, item }: Located): boolean {
  for (const word of item.words.keys()) if (STATE_WORDS.has(word)) return true;
  if (item.words.has('kvm_xsave') && item.words.has('region')) return true;
  // Elsewhere a word like any other: KVM has variables of this name.
  if (item.words.has('fpu') && !isKvms(item)) return true;
  const hasMsr = [...STATE_MSRS.keys()].some((msr) => item.words.has(msr));
  if (hasMsr && [...item.words.keys()].some((word) => MSR_ACCESS.test(word))) return true;
  const mayGate = item.words.has('supported_xcr0') || item.words.has('supported_xss');
  return mayGate && MASK_WRITE.test(file.code.slice(item.bodyStart, item.end));
}
