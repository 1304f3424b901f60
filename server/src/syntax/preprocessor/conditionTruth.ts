import type { Atom } from '../conditions/condition.js';
import { guardTruth, testedValue, type Guard } from '../conditions/guard.js';

/** Whether a name is defined, as far as one knows; null where one does not. */
type KnownName = (name: string) => boolean | null;

/** 8 for a 64-bit kernel, 4 for a 32-bit one. */
export type WordSize = 4 | 8;

/** What names say which of the two x86 kernels is built, and that the assembler reads the text. */
const ONLY_64_BIT = new Set(['CONFIG_X86_64', 'CONFIG_64BIT', '__x86_64__']);
const ONLY_32_BIT = new Set(['CONFIG_X86_32', '__i386__']);
const ALWAYS = new Set(['__ASSEMBLER__', '__ASSEMBLY__', '__KERNEL__']);

/** What the word size and the conditions around a place say of a name. */
export function knownNames(wordSize: WordSize, around: readonly Guard[] = []): KnownName {
  const tested = around.flatMap((guard) => testedValue(guard) ?? []);
  return (name) => {
    const known = tested.find((value) => value.name === name);
    if (known) return known.holds;
    if (ONLY_64_BIT.has(name)) return wordSize === 8;
    if (ONLY_32_BIT.has(name)) return wordSize === 4;
    return ALWAYS.has(name) ? true : null;
  };
}

/** Whether all `#if` conditions hold in a kernel of a word size: false when one is known not to, null when that is not known. */
export function configHolds(guards: readonly Guard[], wordSize: WordSize): boolean | null {
  return conditionsHold(guards, knownNames(wordSize));
}

/** Whether all the conditions hold: false when one is known not to, null when that is not known. */
export function conditionsHold(guards: readonly Guard[], known: KnownName): boolean | null {
  const truths = guards.map((guard) => guardTruth(guard, (atom) => atomTruth(atom, known)));
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

/** Macros that ask whether an option is set (linux/kconfig.h), and the preprocessor's own. */
const ASKS_FOR_OPTION = /^(?:defined|IS_ENABLED|IS_BUILTIN)$/;

/** Of a condition of `#ifdef`, a bare name stands for `defined(name)`. */
function atomTruth(atom: Atom, known: KnownName): boolean | null {
  if (atom.kind === 'call' && ASKS_FOR_OPTION.test(atom.callee)) return known(atom.arguments[0] ?? '');
  return atom.kind === 'value' ? known(atom.text) : null;
}
