import type { AsmInstruction } from '../assembler/instruction.js';
import { instructionEffect, type InstructionEffect } from '../x86/mnemonics.js';

/** How an instruction hands on control. */
export type Control = InstructionEffect['control'];

/** Macros of the kernel's headers that end or leave a function, for trees that lack the headers (linux/linkage.h, asm/nospec-branch.h). */
const KERNEL_MACROS: ReadonlyMap<string, Control> = new Map([
  ['RET', 'return'],
  ['ASM_RET', 'return'],
  ['CALL_NOSPEC', 'call'],
  ['JMP_NOSPEC', 'jump'],
]);

/** Whether a macro ends or leaves a function. */
export function isControlMacro(name: string): boolean {
  return KERNEL_MACROS.has(name);
}

/** How an instruction hands on control; the use of a macro that is not known is taken to go on behind it. */
export function controlOf({ mnemonic, operands }: AsmInstruction): Control {
  const control = instructionEffect(mnemonic)?.control ?? KERNEL_MACROS.get(mnemonic) ?? 'next';
  const [target] = operands;
  const isThunk = control === 'jump' && target?.kind === 'symbol' && RETURN_THUNK.test(target.expression.text);
  return isThunk ? 'return' : control;
}

/**
 * The register, as the assembler sees its name, that a call or jump goes through: `*%rax`, `CALL_NOSPEC rax`, and what GCC makes of
 * it with -mindirect-branch=thunk-extern. null for one that does not.
 */
export function indirectRegister({ mnemonic, operands: [target] }: AsmInstruction): string | null {
  if (target?.kind === 'register') return target.name;
  if (target?.kind !== 'symbol') return null;
  const { text } = target.expression;
  return KERNEL_MACROS.has(mnemonic) ? text.replace(/^%/, '') : (THUNK.exec(text)?.[1] ?? null);
}

const THUNK = /^__x86_indirect_thunk_(\w+)$/;

/** What a return is where it is patched at boot (asm/nospec-branch.h). */
const RETURN_THUNK = /^\w*return_thunk$/;
