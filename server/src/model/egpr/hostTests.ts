import { guardParts, literalsOf, type Guard } from '../../syntax/conditions/guard.js';

/** Calls that ask for the configuration (linux/kconfig.h), the CPU (asm/cpufeature.h) or a static key (linux/jump_label.h). */
export const HOST_TESTS =
  /^(?:defined|IS_(?:ENABLED|REACHABLE|BUILTIN|MODULE)|static_(?:branch_\w+|key_\w+|cpu_has)|(?:boot_|this_)?cpu_has|cpu_feature_enabled)$/;

/** Names of what a kernel is built with, or has found the CPU to have. */
const NAMED = /^(?:CONFIG|X86_FEATURE)_\w+$/;

/**
 * Guards with each option of the configuration and each CPU feature once: what `#ifdef CONFIG_X` or an ALTERNATIVE for
 * X86_FEATURE_Y says around assembly, IS_ENABLED(CONFIG_X) and static_cpu_has(X86_FEATURE_Y) in C say again.
 */
export function withoutRepeatedTests(guards: readonly Guard[]): readonly Guard[] {
  const asked = new Set<string>();
  return guards.flatMap((guard) => {
    const parts = guardParts(guard);
    const names = parts.map(nameAsked);
    const fresh = parts.filter((_, i) => !asked.has(names[i] ?? ''));
    for (const name of names) if (name !== null) asked.add(name);
    // A return under `!A || !B` is read as `A && B`.
    return fresh.length === parts.length && (guard.kind === 'case' || !guard.negated) ? [guard] : fresh;
  });
}

/** What a guard asks for, `CONFIG_X` or `X86_FEATURE_Y`, where it holds; null for one that asks for something else, or more. */
function nameAsked(guard: Guard): string | null {
  const [only, another] = literalsOf([guard]);
  if (!only || another || !only.holds) return null;
  const { atom } = only;
  const isTest = atom.kind === 'value' || (atom.kind === 'call' && HOST_TESTS.test(atom.callee));
  return isTest ? (atom.words.find((word) => NAMED.test(word)) ?? null) : null;
}
