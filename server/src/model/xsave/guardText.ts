/** Guards as they are told: each once, KVM's own configuration left out. */
export function toldGuards(guards: readonly string[]): string[] {
  return [...new Set(guards.filter((guard) => !KVM_CONFIG.test(guard)).map(plainGuard))];
}

/** KVM is there: the FPU core has code for it alone. */
const KVM_CONFIG = /^(?:IS_ENABLED\()?CONFIG_KVM\)?$/;

/** `x` of `!(!x)` and of `!(!(x))`. */
export function plainGuard(guard: string): string {
  const negated = /^!\(!(.*)\)$/s.exec(guard)?.[1] ?? '';
  const inBrackets = /^\((.*)\)$/s.exec(negated)?.[1];
  if (inBrackets !== undefined && isBalanced(inBrackets)) return inBrackets;
  return /^[\w>.-]+(?:\([^()]*\))?$/.test(negated) ? negated : guard;
}

/** Whether each bracket that is closed was opened before. */
function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
