import { splitAt } from '../text/brackets.js';
import { instructionEffect, needsTwoOperands, type InstructionEffect } from '../x86/mnemonics.js';
import type { AsmToken } from './asmToken.js';
import { instructionParts } from './instructionParts.js';
import { operandForm, type OperandForm } from './operandForm.js';

/** What may stand before the `%` of a register, behind the mnemonic. */
const BEFORE: ReadonlySet<string> = new Set([',', '(', '*', ':']);
/** What may stand behind its name. */
const BEHIND: ReadonlySet<string> = new Set([',', ')', '(', ':']);

/** What no instruction begins with, in no dialect. */
const NO_BEGINNING: ReadonlySet<string> = new Set('( ) [ ] , . : -> - + * = == & | ~ ! $ < >'.split(' '));

/**
 * Whether an instruction is none that any assembler takes: it has a `%` without a register's name, or with more than that, or one,
 * or a number, where the mnemonic should be, or a macro's parameter that there is not; or its mnemonic is known, and takes no
 * such operands. One that has none of these may be wrong all the same.
 */
export function isMalformed(tokens: readonly AsmToken[]): boolean {
  return hasWrongMarks(tokens) || hasWrongOperands(tokens);
}

function hasWrongMarks(tokens: readonly AsmToken[]): boolean {
  const [first] = tokens;
  if (first?.kind === 'number' || NO_BEGINNING.has(first?.text ?? '')) return true;
  return tokens.some((token, i) => {
    // A parameter that there is not.
    if (token.text === '\\') return true;
    if (token.text === '$') return tokens[i - 1]?.text === '(';
    if (token.text !== '%') return false;
    const [before, name, behind] = [tokens[i - 1], tokens[i + 1], tokens[i + 2]];
    if (!before) return true;
    // The remainder of a division.
    if (before.kind === 'number' || before.text === ')') return false;
    const isBegun = before.kind === 'word' || BEFORE.has(before.text);
    const isEnded = !behind || BEHIND.has(behind.text);
    return !isBegun || name?.kind !== 'word' || !isEnded;
  });
}

/** Of a known mnemonic: an unknown one may be a macro's name, which takes what it likes. */
function hasWrongOperands(tokens: readonly AsmToken[]): boolean {
  const parts = instructionParts(tokens);
  const effect = parts && instructionEffect(parts.mnemonic.text);
  if (!effect) return false;
  const forms = splitAt(parts.operands, ',').map(operandForm);
  const isWhole = forms.length > 1 || !needsTwoOperands(effect.name);
  return !isWhole || forms.includes(null) || !goTogether(forms, effect);
}

/** Whether an instruction may have such operands beside one another (Intel SDM volume 2, 2.1.5: one of them is in memory at most). */
function goTogether(forms: readonly (OperandForm | null)[], { name, writes, control }: InstructionEffect): boolean {
  const isTransfer = control !== 'next';
  if (forms.includes('indirect') && !isTransfer) return false;
  if (forms.length < 2 || isTransfer) return true;
  const isToImmediate = writes !== 'none' && forms.at(-1) === 'immediate';
  const inMemory = forms.filter((form) => form === 'memory').length;
  return !isToImmediate && (inMemory < 2 || isStringMove(name));
}

/** Both operands of these are in memory. */
function isStringMove(name: string): boolean {
  return /^(?:movs|cmps)[bwlq]$/.test(name);
}
