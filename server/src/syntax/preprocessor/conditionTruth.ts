import { conditionTruth as truthOf, readCondition, type Atom } from '../conditions/condition.js';
import { guardTruth, type Guard } from '../conditions/guard.js';

/** Whether a name is defined, as far as one knows; null where one does not. */
type KnownName = (name: string) => boolean | null;

/** 8 for a 64-bit kernel, 4 for a 32-bit one. */
export type WordSize = 4 | 8;

/** What names say which of the two x86 kernels is built, and that the assembler reads the text. */
const ONLY_64_BIT = new Set(['CONFIG_X86_64', 'CONFIG_64BIT', '__x86_64__']);
const ONLY_32_BIT = new Set(['CONFIG_X86_32', '__i386__']);
const ALWAYS = new Set(['__ASSEMBLER__', '__ASSEMBLY__', '__KERNEL__']);

/** What the word size and the conditions around a place say of a name. */
export function knownNames(wordSize: WordSize, around: readonly string[] = []): KnownName {
  return (name) => {
    if (around.includes(name)) return true;
    if (around.includes(`!${name}`)) return false;
    if (ONLY_64_BIT.has(name)) return wordSize === 8;
    if (ONLY_32_BIT.has(name)) return wordSize === 4;
    return ALWAYS.has(name) ? true : null;
  };
}

/** Whether all `#if` conditions hold in a kernel of a word size: false when one is known not to, null when that is not known. */
export function configHolds(guards: readonly Guard[], wordSize: WordSize): boolean | null {
  const known = knownNames(wordSize);
  return all(guards.map((guard) => guardTruth(guard, (atom) => atomTruth(atom, known))));
}

/** Whether all the conditions hold: false when one is known not to, null when that is not known. */
export function conditionsHold(conditions: readonly string[], known: KnownName): boolean | null {
  return all(conditions.map((condition) => conditionTruth(condition, known)));
}

function all(truths: readonly (boolean | null)[]): boolean | null {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

/** Whether an `#if` condition holds. A bare name stands for `defined(name)`, as `conditionsAt` writes it. */
export function conditionTruth(condition: string, known: KnownName): boolean | null {
  return truthOf(readCondition(condition), (atom) => atomTruth(atom, known));
}

/** Macros that ask whether an option is set (linux/kconfig.h), and the preprocessor's own. */
const ASKS_FOR_OPTION = /^(?:defined|IS_ENABLED|IS_BUILTIN)$/;

function atomTruth(atom: Atom, known: KnownName): boolean | null {
  if (atom.kind === 'call' && ASKS_FOR_OPTION.test(atom.callee)) return known(atom.arguments[0] ?? '');
  return atom.kind === 'value' ? known(atom.text) : null;
}
